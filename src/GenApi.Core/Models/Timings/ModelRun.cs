using System.Data;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Models.Timings;

/// <summary>
/// The duration of one run of a model. It is separate from the generation and outlives it; only the last runs of each model and version are
/// stored (<see cref="RunHistory.Remembered"/>). It never changes.
/// </summary>
internal sealed class ModelRun
{
    /// <summary>The order in which runs ended.</summary>
    public long Number { get; private set; }

    /// <summary><c>replicate</c> or <c>sandbox</c>.</summary>
    public required string Upstream { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public required string Model { get; init; }

    /// <summary>64 hexadecimal digits; empty for an official model. Each version boots its own machines.</summary>
    public required string Version { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>
    /// The time from creation to the start of the model, with queueing and booting; null if the upstream did not report it.
    /// </summary>
    public required double? StartingSeconds { get; init; }

    /// <summary>Null for a run that is not typical: it failed, was canceled, or only kept the model warm.</summary>
    public required double? PredictSeconds { get; init; }

    /// <summary>The time from acceptance until its end was seen; null as with <see cref="PredictSeconds"/>.</summary>
    public required double? TookSeconds { get; init; }

    /// <summary>The images times steps of the request.</summary>
    public required int Work { get; init; }

    /// <summary>True if its start was judged to be cold; null if <see cref="StartingSeconds"/> is null.</summary>
    public required bool? IsCold { get; init; }

    /// <summary>The time in seconds that the model had been idle here; null for the first run, and while another one ran.</summary>
    public required double? IdleSeconds { get; init; }

    /// <summary>Returns the same run with its end by another clock, to hold in memory.</summary>
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

    /// <summary>The statements about its rows. A test compares the columns with <see cref="Mapping"/>.</summary>
    internal static RowTable<ModelRun> Rows { get; } = new(
        "ModelRuns", nameof(Number), read: null, identity: null,
        [
            new("Upstream", DbType.String, static row => row.Upstream),
            new("Model", DbType.String, static row => row.Model),
            new("Version", DbType.String, static row => row.Version),
            new("EndedAt", DbType.Int64, static row => row.EndedAt.UtcTicks),
            new("StartingSeconds", DbType.Double, static row => row.StartingSeconds),
            new("PredictSeconds", DbType.Double, static row => row.PredictSeconds),
            new("TookSeconds", DbType.Double, static row => row.TookSeconds),
            new("Work", DbType.Int32, static row => row.Work),
            new("IsCold", DbType.Boolean, static row => row.IsCold),
            new("IdleSeconds", DbType.Double, static row => row.IdleSeconds),
        ]);

    /// <summary>True if a transaction has inserted it. One of a run that had ended otherwise meanwhile is never inserted.</summary>
    internal bool IsInserted { get; private set; }

    /// <summary>Inserts it as a new row. Only the row has a number: memory keeps runs in the order in which they came.</summary>
    internal async Task InsertAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        await Rows.InsertLaterAsync(db, this, cancellationToken);
        IsInserted = true;
    }

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
