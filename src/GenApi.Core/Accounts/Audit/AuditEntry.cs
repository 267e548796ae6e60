using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Accounts.Audit;

/// <summary>
/// Records what an administrator did, or a holder with its own key. Rows are added in the transaction of the act itself and never changed
/// or deleted; the database refuses both.
/// </summary>
public sealed class AuditEntry
{
    /// <summary>The order of the acts.</summary>
    public long Number { get; private init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The act, such as <c>key.create</c> or <c>generation.delete</c>.</summary>
    public required string Act { get; init; }

    /// <summary>The key that acted; null for a caller without a key, or the command line.</summary>
    public Guid? ActorKeyId { get; init; }

    /// <summary>A name for people: the key's name at the time, or the user of the machine.</summary>
    public required string ActorName { get; init; }

    /// <summary>An address, or <c>command line</c>.</summary>
    public required string From { get; init; }

    /// <summary>The key that was changed, or the account that owns the resource.</summary>
    public required Guid KeyId { get; init; }

    /// <summary>The name of that key after the act; for an account without a key, its word in reports.</summary>
    public required string KeyName { get; init; }

    /// <summary>The public id of the generation, image, upload or delivery; null: the act was on the key itself.</summary>
    public string? ThingId { get; init; }

    /// <summary>The decision in words; never a secret. Null: the act says it all.</summary>
    public string? Detail { get; init; }

    private sealed class Mapping : IEntityTypeConfiguration<AuditEntry>
    {
        private const int LongestWord = 40, LongestDetail = 1000;

        public void Configure(EntityTypeBuilder<AuditEntry> builder)
        {
            builder.ToTable("AuditEntries");
            builder.HasKey(entry => entry.Number);
            builder.Property(entry => entry.Act).HasMaxLength(LongestWord);
            builder.Property(entry => entry.ActorName).HasMaxLength(KeyTerms.LongestName);
            builder.Property(entry => entry.From).HasMaxLength(LongestWord * 2);
            builder.Property(entry => entry.KeyName).HasMaxLength(KeyTerms.LongestName);
            builder.Property(entry => entry.ThingId).HasMaxLength(LongestWord);
            builder.Property(entry => entry.Detail).HasMaxLength(LongestDetail);
        }
    }
}

/// <summary>The key or person behind a change, and the place it came from.</summary>
/// <param name="KeyId">The key that acts; null: none.</param>
/// <param name="Name">A name for people.</param>
/// <param name="From">An address, or <see cref="CommandLine"/>.</param>
public sealed record Actor(Guid? KeyId, string Name, string From)
{
    public const string CommandLine = "command line";

    /// <summary>The user of the machine, at the command line.</summary>
    public static Actor AtTheMachine { get; } = new(null, Environment.UserName, CommandLine);

    public static Actor Of(Caller caller, string from) => new(caller.KeyId, caller.Name, from);
}
