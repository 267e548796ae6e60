using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Accounts.Usage;

/// <summary>
/// A line of the usage ledger: a run that has ended, or answers that made none. Lines are only ever added; they outlive the generation they tell of. Triggers of the
/// database keep <see cref="UsageDay"/> beside them, so no code path can forget that.
/// </summary>
public sealed class UsageEntry
{
    /// <summary>Order of writing; inside the database only.</summary>
    public long Number { get; private init; }

    /// <summary>When the run ended, or the first of the answers was given.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>A run: when it was accepted, whose day and month its cost belongs to. Else the same as <see cref="At"/>.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>Who pays for the run, or who was answered.</summary>
    public required Guid AccountId { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public required string Model { get; init; }

    /// <summary><c>replicate</c> or <c>sandbox</c>.</summary>
    public required string Upstream { get; init; }

    public required UsageKind Kind { get; init; }

    public required Guid GenerationId { get; init; }

    /// <summary>A run: <c>succeeded</c>, <c>failed</c> or <c>canceled</c>. Else <c>hit</c> or <c>joined</c>: no run ended, so there is nothing to tell of its end.</summary>
    public required string Status { get; init; }

    /// <summary>1 for a run; else how many answers in a row this line stands for.</summary>
    public required int Count { get; init; }

    /// <summary>Made by the run and stored; 0 for answers, which made none.</summary>
    public int Images { get; init; }

    /// <summary>How long the model ran, in milliseconds, as the upstream measured; 0 where it told nothing.</summary>
    public long PredictMilliseconds { get; init; }

    /// <summary>From acceptance to end, in milliseconds; 0 for answers.</summary>
    public long DurationMilliseconds { get; init; }

    /// <summary>As the generation's row has it; null where no price is known.</summary>
    public long? CostMicros { get; init; }

    /// <summary>What these answers would have cost if each had been a run; 0 for a run.</summary>
    public long SavedMicros { get; init; }

    /// <summary>It took one of <c>Accounts:FreeRuns</c>.</summary>
    public bool IsFree { get; init; }

    private sealed class Mapping : IEntityTypeConfiguration<UsageEntry>
    {
        public void Configure(EntityTypeBuilder<UsageEntry> builder)
        {
            builder.ToTable("UsageEntries");
            builder.HasKey(entry => entry.Number);
            builder.Property(entry => entry.Model).HasMaxLength(201);
            builder.Property(entry => entry.Upstream).HasMaxLength(16);
            builder.Property(entry => entry.Kind).HasConversion<string>().HasMaxLength(8);
            builder.Property(entry => entry.Status).HasMaxLength(12);
            // One line for each run, whatever happens.
            builder.HasIndex(entry => entry.GenerationId).IsUnique().HasFilter("\"Kind\" = 'Run'");
            // The hours at the ends of a report that are no whole days.
            builder.HasIndex(entry => entry.At);
            builder.HasIndex(entry => entry.Upstream, "IX_UsageEntries_Free").HasFilter("\"IsFree\"");
        }
    }
}

/// <summary>What a line of the ledger tells of.</summary>
public enum UsageKind
{
    /// <summary>A generation has ended.</summary>
    Run,

    /// <summary>Answers that had been made before.</summary>
    Hit,

    /// <summary>Answers by a run that was under way already.</summary>
    Joined,
}
