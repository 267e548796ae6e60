using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Models.Timings;

/// <summary>
/// How long one run of a model took. It stands apart from the generation, so that what was learnt outlives it; only the last runs of each model and
/// version are kept (<see cref="RunHistory.Remembered"/>). It never changes.
/// </summary>
internal sealed class ModelRun
{
    /// <summary>Order of the ends.</summary>
    public long Number { get; private init; }

    /// <summary><c>replicate</c> or <c>sandbox</c>.</summary>
    public required string Upstream { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public required string Model { get; init; }

    /// <summary>64 hexadecimal digits; empty for an official model. Each version boots machines of its own.</summary>
    public required string Version { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>From creation to the start of the model, queueing and booting; null when the upstream did not tell.</summary>
    public required double? StartingSeconds { get; init; }

    /// <summary>Null where the time says nothing of runs as they usually are: it failed, was canceled, or was made to keep the model warm.</summary>
    public required double? PredictSeconds { get; init; }

    /// <summary>From acceptance until it was seen to have ended; null as with <see cref="PredictSeconds"/>.</summary>
    public required double? TookSeconds { get; init; }

    /// <summary>Images times steps asked for.</summary>
    public required int Work { get; init; }

    /// <summary>Whether its start was judged to be a cold one; null when <see cref="StartingSeconds"/> is.</summary>
    public required bool? IsCold { get; init; }

    /// <summary>How long the model had had nothing to do here; null for the first run, and beside another one.</summary>
    public required double? IdleSeconds { get; init; }

    /// <summary>The same with its end by another clock, to be kept in memory.</summary>
    internal ModelRun EndedBy(DateTimeOffset endedAt) => new()
    {
        Number = Number,
        Upstream = Upstream,
        Model = Model,
        Version = Version,
        EndedAt = endedAt,
        StartingSeconds = StartingSeconds,
        PredictSeconds = PredictSeconds,
        TookSeconds = TookSeconds,
        Work = Work,
        IsCold = IsCold,
        IdleSeconds = IdleSeconds,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<ModelRun>
    {
        public void Configure(EntityTypeBuilder<ModelRun> builder)
        {
            builder.ToTable("ModelRuns");
            builder.HasKey(run => run.Number);
            builder.Property(run => run.Upstream).HasMaxLength(16);
            builder.Property(run => run.Model).HasMaxLength(2 * ModelReference.LongestPart + 1);
            builder.Property(run => run.Version).HasMaxLength(ModelReference.VersionDigits);
            builder.HasIndex(run => new { run.Upstream, run.Model, run.Version, run.Number });
        }
    }
}
