using GenApi.Core.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.KeepWarm;

/// <summary>
/// One run that kept a model warm, and its cost. It is added in the transaction that accepts the generation, and outlives it. So the daily
/// limit holds across restarts and after the image and the generation are deleted.
/// </summary>
internal sealed class KeepWarmRun
{
    public long Number { get; private init; }

    public required Guid GenerationId { get; init; }

    /// <summary><c>replicate</c> or <c>sandbox</c>: sandbox costs don't count against a limit on real money.</summary>
    public required string Upstream { get; init; }

    public required string Alias { get; init; }

    /// <summary>The day whose limit it counts against, in the time zone of the alias.</summary>
    public required DateOnly Day { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The worst case, in micro-dollars; it counts until the run has ended.</summary>
    public required long ReservedMicros { get; init; }

    /// <summary>The cost, in micro-dollars; null: the run has not ended.</summary>
    public long? CostMicros { get; set; }

    /// <summary>The time at which its generation and image were deleted; null: they may still exist.</summary>
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
