using GenApi.Core.Accounts.Usage;
using GenApi.Core.Cluster;

namespace GenApi.Core.Maintenance.Status;

/// <summary>The status of the installation, read from its rows and files.</summary>
public sealed record StatusReport
{
    /// <summary>The full path of the data directory.</summary>
    public required string Directory { get; init; }

    /// <summary>True if a process owns the data directory.</summary>
    public required bool IsOwned { get; init; }

    /// <summary>The instances on a store that several may share; empty on SQLite, and where none runs.</summary>
    public required IReadOnlyList<InstanceState> Instances { get; init; }

    /// <summary>Generations that wait to be sent.</summary>
    public required int Queued { get; init; }

    /// <summary>Generations that were sent and have not ended.</summary>
    public required int InFlight { get; init; }

    /// <summary>The time at which the oldest of the queued and sent generations was accepted; null: there is none.</summary>
    public required DateTimeOffset? OldestSince { get; init; }

    /// <summary>Usage since midnight UTC, of the requested upstream.</summary>
    public required UsageSums Today { get; init; }

    /// <summary>Runs that ended within the last hour, of every upstream.</summary>
    public required int RunsOfLastHour { get; init; }

    /// <summary>Failed runs of that hour, by error code; <c>deleted</c> where the generation is deleted.</summary>
    public required IReadOnlyDictionary<string, int> Failures { get; init; }

    /// <summary>
    /// The upstream's last refusal of a run for lack of credit, within <see cref="StoreStatus.CreditMemory"/>; null: there was none.
    /// </summary>
    public required DateTimeOffset? CreditRefusedAt { get; init; }

    /// <summary>True if a run has succeeded since <see cref="CreditRefusedAt"/>.</summary>
    public required bool CreditCameBack { get; init; }

    /// <summary>Webhooks that are still to be delivered.</summary>
    public required int WebhooksWaiting { get; init; }

    /// <summary>The number of <see cref="WebhooksWaiting"/> that were tried and did not arrive.</summary>
    public required int WebhooksTried { get; init; }

    /// <summary>Webhooks that were given up, among the latest <see cref="StoreStatus.RecentDeliveries"/>.</summary>
    public required int WebhooksGivenUp { get; init; }

    /// <summary>Stored images and other files.</summary>
    public required long Files { get; init; }

    /// <summary>Their bytes; equal bytes count once for each file.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Files whose bytes are recorded as lost.</summary>
    public required long LostFiles { get; init; }

    /// <summary>The size of the database and its log, in bytes; null: it is not a file.</summary>
    public required long? DatabaseBytes { get; init; }

    /// <summary>Bytes that this user may still write on the disk of the data directory; null: not known.</summary>
    public required long? FreeBytes { get; init; }

    public required MaintenanceStatus Backup { get; init; }

    public required MaintenanceStatus Check { get; init; }
}

/// <summary>The record of a verb, compared with the database.</summary>
/// <param name="History">The record.</param>
/// <param name="RunsSince">
/// Generations that ended after the last finished run of the verb; null: there was none, or <paramref name="IsOfNewer"/>.
/// </param>
/// <param name="IsOfNewer">
/// The last finished run saw rows that the database does not have: an older database has replaced it since.
/// </param>
public sealed record MaintenanceStatus(MaintenanceHistory History, long? RunsSince, bool IsOfNewer);
