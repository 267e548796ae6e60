using System.Data;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Accounts.Usage;

/// <summary>
/// A line of the usage ledger: a run that has ended, or answers without a run. Lines are only ever added, and outlive their generation.
/// Triggers of the database keep <see cref="UsageDay"/> up to date, so no code path can forget it.
/// </summary>
public sealed class UsageEntry
{
    /// <summary>The order of writing; used inside the database only.</summary>
    public long Number { get; private init; }

    /// <summary>The end of the run, or the time of the first of the answers.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>For a run, when it was accepted; its cost belongs to that day and month. Otherwise the same as <see cref="At"/>.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The account that pays for the run, or was answered.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The person for whom the account asked, as <see cref="EndUser.Id"/>; empty: none was named.</summary>
    public string EndUser { get; init; } = "";

    /// <summary><c>owner/name</c>.</summary>
    public required string Model { get; init; }

    /// <summary><c>replicate</c> or <c>sandbox</c>.</summary>
    public required string Upstream { get; init; }

    public required UsageKind Kind { get; init; }

    public required Guid GenerationId { get; init; }

    /// <summary>
    /// For a run, <c>succeeded</c>, <c>failed</c> or <c>canceled</c>. Otherwise <c>hit</c> or <c>joined</c>, since no run ended.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>1 for a run; otherwise the number of consecutive answers in this line.</summary>
    public required int Count { get; init; }

    /// <summary>The images that the run made and GenApi stored; 0 for answers.</summary>
    public int Images { get; init; }

    /// <summary>The running time of the model in milliseconds, as measured by the upstream; 0 if the upstream did not report it.</summary>
    public long PredictMilliseconds { get; init; }

    /// <summary>The time from acceptance to end, in milliseconds; 0 for answers.</summary>
    public long DurationMilliseconds { get; init; }

    /// <summary>The cost in the generation's row; null if no price is known.</summary>
    public long? CostMicros { get; init; }

    /// <summary>The cost that these answers would have had as runs; 0 for a run.</summary>
    public long SavedMicros { get; init; }

    /// <summary>True if the run used one of <c>Accounts:FreeRuns</c>.</summary>
    public bool IsFree { get; init; }

    /// <summary>The statements about its rows. A test compares the columns with <see cref="Mapping"/>.</summary>
    internal static RowTable<UsageEntry> Rows { get; } = new(
        "UsageEntries", nameof(Number), read: null, identity: null,
        [
            new("At", DbType.Int64, static row => row.At.UtcTicks),
            new("AcceptedAt", DbType.Int64, static row => row.AcceptedAt.UtcTicks),
            new("AccountId", DbType.Guid, static row => row.AccountId),
            new("EndUser", DbType.String, static row => row.EndUser),
            new("Model", DbType.String, static row => row.Model),
            new("Upstream", DbType.String, static row => row.Upstream),
            new("Kind", DbType.String, static row => row.Kind.ToString()),
            new("GenerationId", DbType.Guid, static row => row.GenerationId),
            new("Status", DbType.String, static row => row.Status),
            new("Count", DbType.Int32, static row => row.Count),
            new("Images", DbType.Int32, static row => row.Images),
            new("PredictMilliseconds", DbType.Int64, static row => row.PredictMilliseconds),
            new("DurationMilliseconds", DbType.Int64, static row => row.DurationMilliseconds),
            new("CostMicros", DbType.Int64, static row => row.CostMicros),
            new("SavedMicros", DbType.Int64, static row => row.SavedMicros),
            new("IsFree", DbType.Boolean, static row => row.IsFree),
        ]);

    private sealed class Mapping : IEntityTypeConfiguration<UsageEntry>
    {
        public void Configure(EntityTypeBuilder<UsageEntry> builder)
        {
            builder.ToTable("UsageEntries");
            builder.HasKey(entry => entry.Number);
            builder.Property(entry => entry.EndUser).HasMaxLength(Accounts.EndUser.LongestId).HasDefaultValue("");
            builder.Property(entry => entry.Model).HasMaxLength(201);
            builder.Property(entry => entry.Upstream).HasMaxLength(16);
            builder.Property(entry => entry.Kind).HasConversion<string>().HasMaxLength(8);
            builder.Property(entry => entry.Status).HasMaxLength(12);
            // One line for each run, whatever happens.
            builder.HasIndex(entry => entry.GenerationId).IsUnique().HasFilter("\"Kind\" = 'Run'");
            // For the partial days at the ends of a report.
            builder.HasIndex(entry => entry.At);
            builder.HasIndex(entry => entry.Upstream, "IX_UsageEntries_Free").HasFilter("\"IsFree\"");
        }
    }
}

/// <summary>The subject of a ledger line.</summary>
public enum UsageKind
{
    /// <summary>A generation that has ended.</summary>
    Run,

    /// <summary>Answers from stored results.</summary>
    Hit,

    /// <summary>Answers from a run that was already under way.</summary>
    Joined,
}
