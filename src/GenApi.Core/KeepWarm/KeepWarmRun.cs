using GenApi.Core.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.KeepWarm;

/// <summary>
/// One run that was made to keep a model warm, and its money. It is added in the transaction that accepts the generation and outlives it, so that the
/// limit of the day holds over restarts and although picture and generation are gone.
/// </summary>
internal sealed class KeepWarmRun
{
    public long Number { get; private init; }

    public required Guid GenerationId { get; init; }

    /// <summary><c>replicate</c> or <c>sandbox</c>: what the sandbox would cost is no part of a limit on real money.</summary>
    public required string Upstream { get; init; }

    public required string Alias { get; init; }

    /// <summary>Whose limit it counts to, by the time zone of the alias.</summary>
    public required DateOnly Day { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The worst case, in micro-dollars: what it counts as until it has ended.</summary>
    public required long ReservedMicros { get; init; }

    /// <summary>What it cost, in micro-dollars; null: it has not ended.</summary>
    public long? CostMicros { get; set; }

    /// <summary>When its generation and its picture were deleted; null: they may be there still.</summary>
    public DateTimeOffset? ClearedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<KeepWarmRun>
    {
        public void Configure(EntityTypeBuilder<KeepWarmRun> builder)
        {
            builder.ToTable("KeepWarmRuns");
            builder.HasKey(run => run.Number);
            builder.Property(run => run.Upstream).HasMaxLength(16);
            builder.Property(run => run.Alias).HasMaxLength(ModelReference.LongestPart);
            builder.HasIndex(run => run.GenerationId).IsUnique();
            builder.HasIndex(run => new { run.Day, run.Upstream, run.Alias });
            builder.HasIndex(run => run.ClearedAt, "IX_KeepWarmRuns_Open").HasFilter("\"ClearedAt\" IS NULL");
        }
    }
}
