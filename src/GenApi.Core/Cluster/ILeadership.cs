using GenApi.Core.Persistence;

namespace GenApi.Core.Cluster;

/// <summary>
/// The one instance that does what should be done once: sweeps, retention, refreshes. Every such task is also harmless when two instances
/// do it, because a frozen leader may wake up and go on. On SQLite this process always leads.
/// </summary>
public interface ILeadership
{
    /// <summary>True while the term of this instance holds, by the monotonic clock and with a margin.</summary>
    bool IsLeader { get; }

    /// <summary>The number of the current term, which grows with every new leader; 0: none yet.</summary>
    long Term { get; }

    /// <summary>Returns whether this instance still leads, by the database's clock. It runs in the writer's transaction.</summary>
    Task<bool> ConfirmAsync(GenApiDbContext db, CancellationToken cancellationToken);
}
