using GenApi.Core.Persistence;

namespace GenApi.Core.Cluster;

/// <summary>The instances that share a store, as seen from this one. On SQLite there is only this one.</summary>
public interface ICluster
{
    /// <summary>The name of this instance: unique among all that ever ran, and the owner of its leases. At most 64 characters.</summary>
    string InstanceId { get; }

    /// <summary>True if other instances may work on the same store (PostgreSQL).</summary>
    bool IsShared { get; }

    /// <summary>The number of live instances as of the last heartbeat, this one included; at least 1.</summary>
    int LiveInstances { get; }

    /// <summary>
    /// True while the lease of this instance holds. The monotonic clock decides, with a margin, so an instance that was frozen finds out
    /// before it acts. Without a lease it sends nothing that costs money, and claims nothing.
    /// </summary>
    bool IsAlive { get; }

    /// <summary>Is canceled when the lease of this instance ends. After a new lease there is a new token.</summary>
    CancellationToken Alive { get; }

    /// <summary>
    /// The lease of a row that this instance claims now. On a shared store it ends with the instance's own lease, which every heartbeat
    /// renews together with those of its rows.
    /// </summary>
    Lease NextLease { get; }

    /// <summary>
    /// Returns whether the lease of this instance still holds by the database's clock, in the writer's transaction. An instance that was
    /// frozen or cut off writes nothing about a run after that.
    /// </summary>
    bool IsAliveIn(GenApiDbContext db);
}
