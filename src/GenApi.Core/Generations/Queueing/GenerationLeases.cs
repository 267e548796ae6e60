using GenApi.Core.Cluster;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// The leases under which this process works on open generations. One process renews them in its rounds; on a shared store the heartbeat
/// of the instance does, in the same transaction as its own lease.
/// </summary>
internal sealed class GenerationLeases(DatabaseWriter writer, ICluster cluster, SteadyClock clock) : IHeartbeatPart
{
    private static readonly TimeSpan RenewEvery = Lease.Term / 3;

    /// <summary>So many rows are freed at once.</summary>
    private const int MostDropped = 100;

    /// <summary>Rows that this process held without working on them when it last renewed its leases, and when it does so now.</summary>
    private HashSet<Guid> _idle = [], _idleNow = [];

    private DateTimeOffset _renewAt = DateTimeOffset.MinValue;
    private bool _hasUnclaimed;
    private int _hasFreed;

    /// <summary>The name under which this process holds leases.</summary>
    public string Owner => cluster.InstanceId;

    /// <summary>Called when a heartbeat has seen rows that nobody holds, so that they can be claimed at once.</summary>
    public Action? Freed { get; set; }

    /// <summary>Returns the generations that this process works on; null: there is no worker.</summary>
    public Func<IReadOnlyCollection<Guid>>? Walked { get; set; }

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
        var freed = await writer.WriteAsync((db, token) => RenewAsync(db, until, now, token), cancellationToken);
        _idle = _idleNow;
        return freed > 0;
    }

    /// <summary>Frees the leases of this process, so that the next one need not wait for them to run out.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) => writer.WriteAsync(
        (db, token) => FreeAsync(Open(db).Where(row => row.Lease.Owner == Owner), token), cancellationToken);

    /// <summary>
    /// Frees every lease at start, in the writer's transaction: one process owns the data directory, so their holders are gone.
    /// </summary>
    public async Task FreeAllAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        await db.ExecuteAsync(
            """
            UPDATE "Generations" SET "Revision" = "Revision" + 1, "Lease_Owner" = NULL, "Lease_Until" = NULL
            WHERE "CompletedAt" IS NULL AND "Lease_Owner" IS NOT NULL
            """, cancellationToken);
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
        _idle = _idleNow;
        if (!_hasUnclaimed)
            return;
        Volatile.Write(ref _hasFreed, 1);
        Freed?.Invoke();
    }

    /// <returns>The number of rows that were freed.</returns>
    private async Task<int> RenewAsync(GenApiDbContext db, DateTimeOffset until, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var dropped = await FreeDroppedAsync(db, cancellationToken);
        await Open(db).Where(generation => generation.Lease.Owner == Owner)
            .ExecuteUpdateAsync(set => set.SetProperty(generation => generation.Lease.Until, until), cancellationToken);
        return dropped + await FreeAsync(
            Open(db).Where(generation => generation.Lease.Owner != null && generation.Lease.Until < now), cancellationToken);
    }

    /// <summary>
    /// Frees rows that this process holds and does not work on, twice in a row. A claim may be stored although its answer never came, or
    /// come under a lease that ended meanwhile. Nobody else takes such a row while this process lives.
    /// </summary>
    /// <returns>Their number.</returns>
    private async Task<int> FreeDroppedAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        if (Walked is null)
            return 0;
        var held = await Open(db).Where(row => row.Lease.Owner == Owner).Select(row => row.Id).ToListAsync(cancellationToken);
        // Asked after the rows were read: work on a row may begin in between, and never ends before its row is closed or given up.
        held.RemoveAll(Walked().ToHashSet().Contains);
        _idleNow = [.. held];
        var dropped = held.Where(_idle.Contains).Take(MostDropped).ToList();
        return dropped.Count == 0
            ? 0
            : await FreeAsync(Open(db).Where(row => row.Lease.Owner == Owner && dropped.Contains(row.Id)), cancellationToken);
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
