namespace GenApi.Core.Cluster;

/// <summary>One renewal of this instance's lease.</summary>
/// <param name="Owner">The id of this instance.</param>
/// <param name="Now">The database's clock.</param>
/// <param name="Until">The new end of the lease, by the same clock.</param>
public sealed record Heartbeat(string Owner, DateTimeOffset Now, DateTimeOffset Until)
{
    /// <summary>
    /// True if this instance had no lease until now: it starts, or its last one ended. What it held before is no longer its own.
    /// </summary>
    public required bool IsNew { get; init; }

    /// <summary>The number of live instances, this one included.</summary>
    public required int Live { get; init; }

    /// <summary>
    /// The instances whose leases have run out without a goodbye: they were killed, frozen or cut off. Exactly one heartbeat of the others
    /// sees each of them.
    /// </summary>
    public required IReadOnlyList<ClusterMember> Lost { get; init; }

    /// <summary>The time when the change of the leases was asked for, by this machine's clocks.</summary>
    internal ClockReading AskedAt { get; init; }
}
