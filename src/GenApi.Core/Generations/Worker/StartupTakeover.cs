using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Recovery;
using GenApi.Core.Generations.Removal;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Rows;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Worker;

/// <summary>Takes over at start what earlier processes left open.</summary>
internal sealed class StartupTakeover(
    DatabaseWriter writer, ICluster cluster, GenerationLeases leases, OpenGenerations open, UnansweredRequests unanswered,
    GenerationTimelines timelines, GenerationNotifications notifications, GenerationGauges gauges, RunLog log, GenerationRemover remover,
    ReplicateUpstream upstream, RestoredRows restored)
{
    /// <summary>
    /// Frees all leases and counts the open rows. No other process owns the data directory, so every holder of a lease is gone, and its
    /// generations are free at once instead of when the lease ends. On a shared store the holders may live, so only what nobody holds is
    /// taken over; the heartbeat frees what a dead one has left. A generation made for a sandbox fails if Replicate is in use now,
    /// because asking Replicate would cost money that nobody meant to spend.
    /// </summary>
    public async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        foreach (var row in await writer.WriteAsync(TakeOverAsync, cancellationToken))
        {
            gauges.Finished(row);
            log.Ended(row);
        }
    }

    /// <summary>Removes what a killed process left behind; call it once the worker has claimed what was under way.</summary>
    public Task TidyAsync(CancellationToken cancellationToken) => remover.RemoveLeftoversAsync(cancellationToken);

    /// <returns>The generations that this ended.</returns>
    private async Task<List<Generation>> TakeOverAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        if (!cluster.IsShared)
        {
            await leases.FreeAllAsync(db, cancellationToken);
            await unanswered.TakeOverAsync(db, cancellationToken);
        }
        await restored.PrepareAsync(db, cancellationToken);
        var upstreams = await db.QueryAsync(
            """SELECT "Upstream" FROM "Generations" WHERE "CompletedAt" IS NULL""", static row => row.Text(), cancellationToken);
        var failed = upstream.Name != ReplicateUpstream.SandboxName
            && upstreams.RemoveAll(name => name == ReplicateUpstream.SandboxName) > 0
            ? await FailForSandboxAsync(db, cancellationToken)
            : [];
        open.Begin(upstreams.Count);
        return failed;
    }

    private async Task<List<Generation>> FailForSandboxAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        var rows = await db.Set<Generation>()
            .Where(generation => generation.CompletedAt == null && generation.Upstream == ReplicateUpstream.SandboxName
                && generation.Lease.Owner == null)
            .ToListAsync(cancellationToken);
        foreach (var row in rows)
        {
            var before = GenerationSnapshot.Of(row);
            row.MarkFailed(
                ErrorKind.UpstreamUnavailable, "It was asked of the sandbox, which is no longer in use.", timelines.Of(row).Now);
            timelines.End(row.Id);
            row.Touch();
            await db.SaveChangesAsync(cancellationToken);
            var outputs = await ImageLibrary.ListStoredAsync(db, [row.Id], cancellationToken);
            await GenerationLedger.BookAsync(db, row, outputs.Count(image => image.IsImage), cancellationToken);
            await notifications.NotifyAsync(db, row, before, cancellationToken);
        }
        return rows;
    }
}
