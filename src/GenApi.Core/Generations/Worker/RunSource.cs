using GenApi.Core.Cluster;
using GenApi.Core.Diagnostics;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Worker;

/// <summary>
/// Supplies the worker with runs: first what the upstream has already, then what waits, in fair order and only as many as may be sent at
/// once. So the rows are the queue, and no run is claimed only to wait in memory for the upstream's limits.
/// </summary>
internal sealed class RunSource(
    GenerationQueue queue, GenerationLeases leases, ICluster cluster, GenerationTimelines timelines, InFlightLimit limit,
    ReplicateRateGate gate, StoreGate store, GenApiMetrics metrics, SteadyClock clock, IOptions<GenerationOptions> options)
{
    private readonly TimeSpan _longestRun = TimeSpan.FromSeconds(options.Value.MaxRunSeconds);

    /// <summary>
    /// The reason why the last round may have left rows waiting, and the time since which no round has claimed all of them; null: the last
    /// one did.
    /// </summary>
    private (string Reason, DateTimeOffset Since)? _heldBack;

    /// <summary>True if the upstream's limits or the store's state were a reason to leave rows waiting in the last round.</summary>
    public bool IsHeldBack => _heldBack is not null || store.Fault is not null || limit.Free <= 0;

    /// <summary>Renews the leases of this process, and claims the runs to walk from now on.</summary>
    /// <param name="again">Called when it makes sense to ask again before a run ends.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async Task<IReadOnlyList<GenerationRun>> NextAsync(Action again, CancellationToken cancellationToken)
    {
        if (await leases.RenewAsync(cancellationToken))
            queue.LeasesFreed();
        // Read before anything is claimed: a run never outlives the lease under which it was claimed.
        var alive = cluster.Alive;
        if (alive.IsCancellationRequested)
            return [];
        var free = limit.Free;
        var now = clock.Now;
        if (free <= 0)
        {
            HoldBack(CallWait.InFlight, now);
            return [];
        }
        var runs = (await queue.ClaimUnderWayAsync(free, cancellationToken)).ConvertAll(row => RunOf(row, null, alive));
        if (queue.MayBeUnderWay)
        {
            // The rest of it comes before anything that waits.
            again();
            return runs;
        }
        free -= runs.Count(run => run.IsInFlight);
        if (free > 0)
            runs.AddRange(await NextWaitingAsync(free, again, alive, cancellationToken));
        return runs;
    }

    private async Task<IReadOnlyList<GenerationRun>> NextWaitingAsync(
        int free, Action again, CancellationToken alive, CancellationToken cancellationToken)
    {
        // They wait as rows until the store can keep their images; the worker asks again each second.
        if (store.Fault is not null)
            return [];
        var permits = gate.TakeToCreate(free);
        List<GenerationRun> runs = [];
        try
        {
            if (permits.Count > 0)
            {
                var claimed = await queue.ClaimWaitingAsync(permits.Count, cancellationToken);
                runs.AddRange(claimed.Select((generation, at) => RunOf(generation, permits[at], alive)));
            }
        }
        finally
        {
            foreach (var permit in permits.Skip(runs.Count))
                permit.Dispose();
        }
        foreach (var run in runs)
            CountWait(run);
        if (runs.Count < permits.Count)
            _heldBack = null;
        else
            HoldBack(permits.Count < free ? gate.CreationsKeptBy : CallWait.InFlight, clock.Now);
        if (runs.Count == permits.Count && permits.Count < free)
            gate.WhenCreationsOpen(again);
        return runs;
    }

    private GenerationRun RunOf(Generation generation, CallPermit? permit, CancellationToken alive) =>
        new(generation, timelines.Of(generation), _longestRun, permit) { Alive = alive };

    private void HoldBack(string reason, DateTimeOffset now) => _heldBack = (reason, _heldBack?.Since ?? now);

    /// <summary>
    /// Counts how long a run waited for the upstream's limits. A row that came after a round that claimed everything has not waited. Time
    /// before that round does not count either: the row was sent and put back, or the service stood still.
    /// </summary>
    private void CountWait(GenerationRun run)
    {
        if (_heldBack is not var (reason, since))
            return;
        var (heldBack, waited) = (clock.Now - since, run.ClaimedAt - run.Generation.CreatedAt);
        metrics.UpstreamWaited("create", reason, waited < heldBack ? waited : heldBack);
    }
}
