using GenApi.Core.Diagnostics;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Images.Library;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// The <c>Replicate:MaxInFlight</c> places, and who gets them: first what the upstream has already, then what waits, by turns and only as much as
/// may be sent at once. So the rows are the queue, and nothing is taken up that would only wait for the upstream's limits in memory.
/// </summary>
internal sealed class InFlightLimit(GenerationQueue queue, ReplicateRateGate gate, GenApiMetrics metrics, StoreGate store, IOptions<ReplicateOptions> options)
{
    private readonly int _places = options.Value.MaxInFlight;
    private int _taken;

    /// <summary>Why the last round may have left something waiting, and since when none has taken all there was; null: it took all.</summary>
    private (string Reason, DateTimeOffset Since)? _kept;

    /// <summary>Generations that the upstream has, or may have.</summary>
    public int Taken => Volatile.Read(ref _taken);

    public GenerationQueue Queue => queue;

    public void Take() => Interlocked.Increment(ref _taken);

    public void Free() => Interlocked.Decrement(ref _taken);

    /// <summary>Generations to walk from now on, claimed for <paramref name="owner"/>.</summary>
    /// <param name="owner">Who holds the leases.</param>
    /// <param name="again">Called when it makes sense to ask again before a place is freed.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async Task<IReadOnlyList<GenerationRun>> FillAsync(string owner, Action again, CancellationToken cancellationToken)
    {
        var free = _places - Taken;
        var now = queue.Clock.Now;
        if (free <= 0)
        {
            Keep(CallWait.InFlight, now);
            return [];
        }
        var runs = (await queue.ClaimUnderWayAsync(owner, free, cancellationToken)).ConvertAll(generation => queue.RunOf(generation, null));
        if (queue.MayBeUnderWay)
        {
            // The rest of it comes before anything that waits.
            again();
            return runs;
        }
        free -= runs.Count(run => run.HoldsPlace);
        if (free > 0)
            runs.AddRange(await TakeWaitingAsync(owner, free, again, cancellationToken));
        return runs;
    }

    private async Task<IReadOnlyList<GenerationRun>> TakeWaitingAsync(string owner, int free, Action again, CancellationToken cancellationToken)
    {
        // They wait as rows until there is a place for their pictures; the worker asks again each second.
        if (store.Fault is not null)
            return [];
        var rights = gate.TakeToCreate(free);
        List<GenerationRun> runs = [];
        try
        {
            if (rights.Count > 0)
            {
                var claimed = await queue.ClaimWaitingAsync(owner, rights.Count, cancellationToken);
                runs.AddRange(claimed.Select((generation, at) => queue.RunOf(generation, rights[at])));
            }
        }
        finally
        {
            foreach (var right in rights.Skip(runs.Count))
                right.Dispose();
        }
        foreach (var run in runs)
            Waited(run);
        if (runs.Count < rights.Count)
            _kept = null;
        else
            Keep(rights.Count < free ? gate.CreationsKeptBy : CallWait.InFlight, queue.Clock.Now);
        if (runs.Count == rights.Count && rights.Count < free)
            gate.WhenCreationsOpen(again);
        return runs;
    }

    private void Keep(string reason, DateTimeOffset now) => _kept = (reason, _kept?.Since ?? now);

    /// <summary>What came after a round that took everything has not waited. Nor has, before that round, what was here earlier: it was sent and put back, or the service stood.</summary>
    private void Waited(GenerationRun run)
    {
        if (_kept is not var (reason, since))
            return;
        var (kept, waited) = (queue.Clock.Now - since, run.TakenUpAt - run.Generation.CreatedAt);
        metrics.UpstreamWaited("create", reason, waited < kept ? waited : kept);
    }
}
