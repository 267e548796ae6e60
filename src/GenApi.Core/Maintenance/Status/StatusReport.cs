using GenApi.Core.Accounts.Usage;

namespace GenApi.Core.Maintenance.Status;

/// <summary>How the installation stands, as its rows and files tell it.</summary>
public sealed record StatusReport
{
    /// <summary>The data directory, in full.</summary>
    public required string Directory { get; init; }

    /// <summary>Whether a process owns the data directory.</summary>
    public required bool IsOwned { get; init; }

    /// <summary>Generations that wait to be sent.</summary>
    public required int Queued { get; init; }

    /// <summary>Generations that were sent and have not ended.</summary>
    public required int InFlight { get; init; }

    /// <summary>When the oldest of both was accepted; null: there is none.</summary>
    public required DateTimeOffset? OldestSince { get; init; }

    /// <summary>Since midnight, UTC, of the upstream that was asked for.</summary>
    public required UsageSums Today { get; init; }

    /// <summary>Runs that ended within the last hour, of every upstream.</summary>
    public required int RunsOfLastHour { get; init; }

    /// <summary>Those of them that failed, by their error's code; <c>deleted</c> for those whose generation is gone.</summary>
    public required IReadOnlyDictionary<string, int> Failures { get; init; }

    /// <summary>
    /// When the upstream last refused a run for want of credit within <see cref="StoreStatus.CreditMemory"/>; null: it did not.
    /// </summary>
    public required DateTimeOffset? CreditRefusedAt { get; init; }

    /// <summary>Whether a run has succeeded since <see cref="CreditRefusedAt"/>.</summary>
    public required bool CreditCameBack { get; init; }

    /// <summary>Webhooks that are still to be delivered.</summary>
    public required int WebhooksWaiting { get; init; }

    /// <summary>Those of <see cref="WebhooksWaiting"/> that were tried and did not arrive.</summary>
    public required int WebhooksTried { get; init; }

    /// <summary>Webhooks that were given up, among the latest <see cref="StoreStatus.DeliveriesLookedAt"/>.</summary>
    public required int WebhooksGivenUp { get; init; }

    /// <summary>Stored images and other files.</summary>
    public required long Files { get; init; }

    /// <summary>Their bytes; equal ones count for each file.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Files whose bytes are written down as lost.</summary>
    public required long LostFiles { get; init; }

    /// <summary>Of the database and its log, in bytes; null: it is no file.</summary>
    public required long? DatabaseBytes { get; init; }

    /// <summary>What this user may still write on the disk of the data directory, in bytes; null: it can't be asked.</summary>
    public required long? FreeBytes { get; init; }

    public required UpkeepSeen Backup { get; init; }

    public required UpkeepSeen Check { get; init; }
}

/// <summary>What is known of the runs of a verb, held against the database.</summary>
/// <param name="History">As it was written down.</param>
/// <param name="RunsSince">Runs of models that ended after the last one that was done; null: there was none, or
/// <paramref name="IsOfNewer"/>.</param>
/// <param name="IsOfNewer">The last one that was done saw rows that the database does not have: an older database was put in its place
/// since.</param>
public sealed record UpkeepSeen(MaintenanceHistory History, long? RunsSince, bool IsOfNewer);
