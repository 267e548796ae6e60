using GenApi.Core.Persistence;

namespace GenApi.Core.Cluster;

/// <summary>
/// Joins the heartbeat of a shared cluster, to renew what ends with the lease of this instance and to free what others left. Register it as
/// a singleton of this type. On SQLite nothing calls it.
/// </summary>
public interface IHeartbeatPart
{
    /// <summary>Runs in the heartbeat's transaction, which the writer may repeat.</summary>
    Task BeatAsync(GenApiDbContext db, Heartbeat beat, CancellationToken cancellationToken);

    /// <summary>Runs after the commit of that transaction; it must return at once.</summary>
    void Beaten(Heartbeat beat)
    {
    }

    /// <summary>Runs in the transaction in which this instance leaves in good order.</summary>
    Task LeaveAsync(GenApiDbContext db, CancellationToken cancellationToken) => Task.CompletedTask;
}
