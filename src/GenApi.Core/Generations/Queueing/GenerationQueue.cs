using GenApi.Core.Cluster;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Queueing;

/// <summary>Claims open rows for this process: first what the upstream may already have, then what waits to be sent.</summary>
internal sealed class GenerationQueue(
    DatabaseWriter writer, ReplicateUpstream upstream, FairScheduler scheduler, GenerationLeases leases, ICluster cluster,
    SteadyClock clock)
{
    /// <summary>After a kill a thousand may be under way. A caller's write gets in after each hundred of them.</summary>
    private const int MostUnderWayAtOnce = 100;

    private static readonly string UnderWay = Generation.Rows.Select(
        """
        WHERE t."CompletedAt" IS NULL AND t."Lease_Owner" IS NULL AND t."Upstream" = @p0
            AND (t."SubmittingAt" IS NOT NULL OR t."CancelRequestedAt" IS NOT NULL)
        ORDER BY t."Number" LIMIT @p1
        """);

    /// <summary>The interval at which the rows are read even though none is known to wait, as a safety net.</summary>
    private static readonly TimeSpan ReadAnyway = TimeSpan.FromSeconds(30);

    /// <summary>While it is false, a round of the worker (one a second, and one at each end of a run) asks the database nothing.</summary>
    private bool _mayWait = true;

    private DateTimeOffset _readAnywayAt = DateTimeOffset.MinValue;

    /// <summary>True if there may be more rows that an earlier process had in hand.</summary>
    public bool MayBeUnderWay { get; private set; } = true;

    /// <summary>
    /// True if no row waits for this process, as far as it knows. In the writer's transaction that is exact on SQLite.
    /// </summary>
    public bool IsEmpty => !Volatile.Read(ref _mayWait) && !MayBeUnderWay;

    /// <summary>Notes that a row may wait to be sent: it was accepted, or it was put back.</summary>
    public void MayWait() => Volatile.Write(ref _mayWait, true);

    /// <summary>Notes that leases of another process have run out.</summary>
    public void LeasesFreed()
    {
        MayBeUnderWay = true;
        MayWait();
    }

    /// <summary>
    /// Claims what an earlier process had in hand. The upstream has it or may have it, or it only has to be canceled, so it needs no permit
    /// to create. After a start there is none of it, until a lease of another process runs out.
    /// </summary>
    public async Task<List<Generation>> ClaimUnderWayAsync(int atMost, CancellationToken cancellationToken)
    {
        if (!MayBeUnderWay)
            return [];
        atMost = Math.Min(atMost, MostUnderWayAtOnce);
        var rows = await ClaimAsync(
            (db, token) => Generation.Rows.ListAsync(db, UnderWay, token, upstream.Name, atMost), cancellationToken);
        MayBeUnderWay = rows.Count == atMost;
        return rows;
    }

    /// <summary>Claims the next generations to send. Those made for another upstream wait until it is in use again.</summary>
    public async Task<List<Generation>> ClaimWaitingAsync(int atMost, CancellationToken cancellationToken)
    {
        var now = clock.Now;
        if (!Volatile.Read(ref _mayWait) && now < _readAnywayAt)
            return [];
        _readAnywayAt = now + ReadAnyway;
        try
        {
            return await ClaimAsync(async (db, _) =>
            {
                var rows = await scheduler.NextAsync(db, atMost);
                // Written in the writer's turn: whatever is accepted after this read calls MayWait after this write.
                Volatile.Write(ref _mayWait, rows.Count == atMost);
                return rows;
            }, cancellationToken);
        }
        catch
        {
            MayWait();
            throw;
        }
    }

    private Task<List<Generation>> ClaimAsync(
        Func<GenApiDbContext, CancellationToken, Task<List<Generation>>> choose, CancellationToken cancellationToken) =>
        writer.WriteAsync(async (db, token) =>
        {
            if (!cluster.IsAliveIn(db))
                return [];
            var rows = await choose(db, token);
            if (rows.Count == 0)
                return rows;
            var lease = leases.Next();
            // One statement for all of them: with one for each, a thousand after a kill kept callers waiting for 0.8 s.
            var claimed = await db.ClaimGenerationsAsync(rows.ConvertAll(row => row.Number), lease, token);
            rows.RemoveAll(row => !claimed.Contains(row.Number));
            foreach (var row in rows)
                row.Claim(lease);
            return rows;
        }, cancellationToken);
}
