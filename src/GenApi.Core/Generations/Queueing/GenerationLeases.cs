using GenApi.Core.Cluster;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// The leases under which this process works on open generations. One process renews them in its rounds; on a shared store the heartbeat
/// of the instance does, in the same transaction as its own lease.
/// </summary>
internal sealed class GenerationLeases(DatabaseWriter writer, ICluster cluster, SteadyClock clock) : IHeartbeatPart
{
    private static readonly TimeSpan RenewEvery = Lease.Term / 3;

    private DateTimeOffset _renewAt = DateTimeOffset.MinValue;
    private bool _hasUnclaimed;
    private int _hasFreed;

    /// <summary>The name under which this process holds leases.</summary>
    public string Owner => cluster.InstanceId;

    /// <summary>Called when a heartbeat has seen rows that nobody holds, so that they can be claimed at once.</summary>
    public Action? Freed { get; set; }

    /// <summary>Makes a lease of this process that begins now.</summary>
    public Lease Next() => cluster.NextLease;

    /// <summary>Returns whether this process works on the generation, as far as its row says.</summary>
    public bool Holds(Generation generation) => generation.Lease.IsHeldBy(Owner);

    /// <summary>
    /// Returns whether this process still holds the row under the lease that it knows. A row that it lost and claimed again has another
    /// epoch.
    /// </summary>
    /// <param name="row">The row as it is now.</param>
    /// <param name="known">The row as the work on it knows it.</param>
    public bool HoldsStill(Generation row, Generation known) => Holds(row) && row.Lease.Epoch == known.Lease.Epoch;

    /// <summary>Renews the leases of this process when a third of their term has passed, and frees those that have run out.</summary>
    /// <returns>Whether any were freed, so that their generations can be claimed.</returns>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        if (cluster.IsShared)
            return Interlocked.Exchange(ref _hasFreed, 0) != 0;
        var now = clock.Now;
        if (now < _renewAt)
            return false;
        _renewAt = now + RenewEvery;
        var until = now + Lease.Term;
        return await writer.WriteAsync((db, token) => RenewAsync(db, until, now, token), cancellationToken) > 0;
    }

    /// <summary>Frees the leases of this process, so that the next one need not wait for them to run out.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) => writer.WriteAsync(
        (db, token) => FreeAsync(Open(db).Where(row => row.Lease.Owner == Owner), token), cancellationToken);

    /// <summary>
    /// Frees every lease at start, in the writer's transaction: one process owns the data directory, so their holders are gone.
    /// </summary>
    public async Task FreeAllAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        await FreeAsync(Open(db).Where(row => row.Lease.Owner != null), cancellationToken);
        // This process holds none to renew yet.
        _renewAt = clock.Now + RenewEvery;
    }

    /// <inheritdoc/>
    public async Task BeatAsync(GenApiDbContext db, Heartbeat beat, CancellationToken cancellationToken)
    {
        // The runs of a lease that has ended are dropped, so nobody in this process works on its rows any more.
        var own = beat.IsNew ? await FreeAsync(Open(db).Where(row => row.Lease.Owner == Owner), cancellationToken) : 0;
        var freed = own + await RenewAsync(db, beat.Until, beat.Now, cancellationToken);
        // An instance that stops gives its rows back itself.
        _hasUnclaimed = freed > 0 || await Open(db).AnyAsync(row => row.Lease.Owner == null, cancellationToken);
    }

    /// <inheritdoc/>
    public void Beaten(Heartbeat beat)
    {
        if (!_hasUnclaimed)
            return;
        Volatile.Write(ref _hasFreed, 1);
        Freed?.Invoke();
    }

    /// <returns>The number of leases that had run out.</returns>
    private async Task<int> RenewAsync(GenApiDbContext db, DateTimeOffset until, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await Open(db).Where(generation => generation.Lease.Owner == Owner)
            .ExecuteUpdateAsync(set => set.SetProperty(generation => generation.Lease.Until, until), cancellationToken);
        return await FreeAsync(
            Open(db).Where(generation => generation.Lease.Owner != null && generation.Lease.Until < now), cancellationToken);
    }

    private static IQueryable<Generation> Open(GenApiDbContext db) =>
        db.Set<Generation>().Where(generation => generation.CompletedAt == null);

    /// <summary>The revision grows, so a process that still believes it holds one of them notices.</summary>
    private static Task<int> FreeAsync(IQueryable<Generation> rows, CancellationToken cancellationToken) =>
        rows.ExecuteUpdateAsync(set => set
            .SetProperty(generation => generation.Revision, generation => generation.Revision + 1)
            .SetProperty(generation => generation.Lease.Owner, (string?)null)
            .SetProperty(generation => generation.Lease.Until, (DateTimeOffset?)null), cancellationToken);
}
