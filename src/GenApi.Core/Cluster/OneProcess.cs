using GenApi.Core.Persistence;

namespace GenApi.Core.Cluster;

/// <summary>The cluster of one process, which owns its data directory: it always lives and always leads.</summary>
internal sealed class OneProcess(InstanceName name, SteadyClock clock) : ICluster, ILeadership
{
    /// <inheritdoc/>
    public string InstanceId => name.Id;

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    public int LiveInstances => 1;

    /// <inheritdoc/>
    public bool IsAlive => true;

    /// <inheritdoc/>
    public CancellationToken Alive => CancellationToken.None;

    /// <inheritdoc/>
    public bool IsLeader => true;

    /// <inheritdoc/>
    public long Term => 1;

    /// <inheritdoc/>
    public Lease NextLease => Lease.For(InstanceId, clock.Now);

    /// <inheritdoc/>
    public bool IsAliveIn(GenApiDbContext db) => true;

    /// <inheritdoc/>
    public Task<bool> ConfirmAsync(GenApiDbContext db, CancellationToken cancellationToken) => Task.FromResult(true);
}
