using System.Text.Json.Serialization;

namespace GenApi.Core.Maintenance;

/// <summary>How a backup or a check ended.</summary>
public enum MaintenanceOutcome
{
    /// <summary>Done, and the store is sound.</summary>
    Sound,

    /// <summary>Done, and something is wrong with the store.</summary>
    Problems,

    /// <summary>Not done.</summary>
    Failed,
}

/// <summary>What stays of a backup or a check when it is over.</summary>
public sealed record MaintenanceRun
{
    /// <summary>Its end; for a backup that was made, the moment of the database in it.</summary>
    public required DateTimeOffset At { get; init; }

    public required MaintenanceOutcome Outcome { get; init; }

    /// <summary>What came of it, for people.</summary>
    public required string Summary { get; init; }

    /// <summary>Where the backup is, in full; null for a check.</summary>
    public string? Folder { get; init; }

    /// <summary>How long it took, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>
    /// The last line of the usage ledger that it saw; null where nothing was read. Lines are only added, so a database that has fewer is
    /// older than the run.
    /// </summary>
    public long? LedgerLine { get; init; }
}

/// <summary>The last runs of a verb.</summary>
public sealed record MaintenanceHistory
{
    /// <summary>The last that came to its end; null: none is known.</summary>
    public MaintenanceRun? Done { get; init; }

    /// <summary>The last that failed, if that was after <see cref="Done"/>.</summary>
    public MaintenanceRun? Failed { get; init; }

    internal MaintenanceHistory With(MaintenanceRun run) =>
        run.Outcome == MaintenanceOutcome.Failed ? this with { Failed = run } : new MaintenanceHistory { Done = run };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(MaintenanceHistory))]
internal sealed partial class MaintenanceJsonContext : JsonSerializerContext;
