using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Queueing;

/// <summary>The leases under which this process works on open generations.</summary>
internal sealed class GenerationLeases(DatabaseWriter writer, SteadyClock clock, TimeProvider time)
{
    private static readonly TimeSpan RenewEvery = Lease.Term / 3;

    private DateTimeOffset _renewAt = DateTimeOffset.MinValue;

    /// <summary>The name under which this process holds leases.</summary>
    public string Owner { get; } = $"{Environment.MachineName}-{Environment.ProcessId}-{time.GetUtcNow().UtcTicks:x}";

    /// <summary>Makes a lease of this process that begins now.</summary>
    public Lease Next() => Lease.For(Owner, clock.Now);

    /// <summary>Returns whether this process works on the generation, as far as its row says.</summary>
    public bool Holds(Generation generation) => generation.Lease.IsHeldBy(Owner);

    /// <summary>Renews the leases of this process when a third of their term has passed, and frees those that have run out.</summary>
    /// <returns>Whether any were freed, so that their generations can be claimed.</returns>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var now = clock.Now;
        if (now < _renewAt)
            return false;
        _renewAt = now + RenewEvery;
        var until = now + Lease.Term;
        return await writer.WriteAsync(async (db, token) =>
        {
            var open = db.Set<Generation>().Where(generation => generation.CompletedAt == null);
            await open.Where(generation => generation.Lease.Owner == Owner)
                .ExecuteUpdateAsync(set => set.SetProperty(generation => generation.Lease.Until, until), token);
            return await FreeAsync(open.Where(generation => generation.Lease.Owner != null && generation.Lease.Until < now), token) > 0;
        }, cancellationToken);
    }

    /// <summary>Frees the leases of this process, so that the next one need not wait for them to run out.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) => writer.WriteAsync(
        (db, token) => FreeAsync(db.Set<Generation>().Where(row => row.CompletedAt == null && row.Lease.Owner == Owner), token),
        cancellationToken);

    /// <summary>
    /// Frees every lease at start, in the writer's transaction: one process owns the data directory, so their holders are gone.
    /// </summary>
    public async Task FreeAllAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        await FreeAsync(db.Set<Generation>().Where(row => row.CompletedAt == null && row.Lease.Owner != null), cancellationToken);
        // This process holds none to renew yet.
        _renewAt = clock.Now + RenewEvery;
    }

    /// <summary>The revision grows, so a process that still believes it holds one of them notices.</summary>
    private static Task<int> FreeAsync(IQueryable<Generation> rows, CancellationToken cancellationToken) =>
        rows.ExecuteUpdateAsync(set => set
            .SetProperty(generation => generation.Revision, generation => generation.Revision + 1)
            .SetProperty(generation => generation.Lease.Owner, (string?)null)
            .SetProperty(generation => generation.Lease.Until, (DateTimeOffset?)null), cancellationToken);
}
