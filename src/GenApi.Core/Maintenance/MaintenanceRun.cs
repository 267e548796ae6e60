using System.Text.Json.Serialization;

namespace GenApi.Core.Maintenance;

/// <summary>The result of a backup or a check.</summary>
public enum MaintenanceOutcome
{
    /// <summary>It was done, and the store is sound.</summary>
    Sound,

    /// <summary>It was done, and the store has problems.</summary>
    Problems,

    /// <summary>It was not done.</summary>
    Failed,
}

/// <summary>The record of a backup or a check.</summary>
public sealed record MaintenanceRun
{
    /// <summary>The time at which it ended; for a finished backup, the moment that its database shows.</summary>
    public required DateTimeOffset At { get; init; }

    public required MaintenanceOutcome Outcome { get; init; }

    /// <summary>The result in words.</summary>
    public required string Summary { get; init; }

    /// <summary>The full path of the backup; null for a check.</summary>
    public string? Folder { get; init; }

    /// <summary>The duration in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>
    /// The last line of the usage ledger that it saw; null where nothing was read. Lines are only added, so a database with fewer lines is
    /// older than the run.
    /// </summary>
    public long? LedgerLine { get; init; }
}

/// <summary>The last runs of a verb.</summary>
public sealed record MaintenanceHistory
{
    /// <summary>The last run that was done; null: none is known.</summary>
    public MaintenanceRun? Done { get; init; }

    /// <summary>The last run that failed, if that was after <see cref="Done"/>.</summary>
    public MaintenanceRun? Failed { get; init; }

    internal MaintenanceHistory With(MaintenanceRun run) =>
        run.Outcome == MaintenanceOutcome.Failed ? this with { Failed = run } : new MaintenanceHistory { Done = run };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(MaintenanceHistory))]
internal sealed partial class MaintenanceJsonContext : JsonSerializerContext;
