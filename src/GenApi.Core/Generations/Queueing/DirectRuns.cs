using GenApi.Core.Cluster;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// Begins runs without the queue: a new generation is claimed and its intent saved by the transaction that accepts it, so that one commit
/// comes before its creation and not three. It must not overtake anything, so it needs an empty queue, and everything that a claim would
/// need: room in flight, a permit to create, and no files to send first. Otherwise the row waits in the queue.
/// </summary>
internal sealed class DirectRuns(
    GenerationQueue queue, GenerationTimelines timelines, InFlightLimit limit, ReplicateRateGate gate, UpstreamClock upstreamClock,
    ICluster cluster, IOptions<GenerationOptions> options)
{
    private readonly TimeSpan _longestRun = TimeSpan.FromSeconds(options.Value.MaxRunSeconds);
    private readonly Lock _lock = new();
    private Action<GenerationRun>? _begin;
    private TaskCompletionSource? _allLeft;
    private int _taken;

    /// <summary>Lets runs begin from now on.</summary>
    /// <param name="begin">Called after each commit; it must return at once. The run counts against <see cref="InFlightLimit"/>.</param>
    public void Open(Action<GenerationRun> begin) => _begin = begin;

    /// <summary>Lets no more runs begin, and waits for those whose transaction is under way.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _allLeft ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_taken == 0)
                _allLeft.TrySetResult();
            return _allLeft.Task;
        }
    }

    /// <summary>Makes the place of a generation that may be accepted.</summary>
    public Place NewPlace() => new(this);

    private bool TryEnter()
    {
        lock (_lock)
        {
            if (_begin is null || _allLeft is not null)
                return false;
            _taken++;
            return true;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_taken == 0)
                _allLeft?.TrySetResult();
        }
    }

    private CallPermit? TryTake()
    {
        if (!TryEnter())
            return null;
        if (limit.TryAcquire())
        {
            if (gate.TakeToCreate(1) is [var permit])
                return permit;
            limit.Release();
        }
        Leave();
        return null;
    }

    private Taken? TryTake(GenApiDbContext db, Generation generation)
    {
        // Read before anything is claimed: a run never outlives the lease under which it was claimed.
        var alive = cluster.Alive;
        if (alive.IsCancellationRequested || !cluster.IsAliveIn(db) || generation.InputFiles is not null || !queue.IsEmpty
            || TryTake() is not { } permit)
            return null;
        generation.Claim(cluster.NextLease);
        var now = generation.CreatedAt;
        generation.MarkSubmitting(now, upstreamClock.Correct(now, now), _longestRun);
        return new(permit, alive);
    }

    private void Begin(Generation generation, Taken taken)
    {
        _begin!(new GenerationRun(generation, timelines.Of(generation), _longestRun, taken.Permit)
        {
            Alive = taken.Alive,
            MustSend = true,
        });
        Leave();
    }

    private void GiveBack(Taken taken)
    {
        taken.Permit.Dispose();
        limit.Release();
        Leave();
    }

    private sealed record Taken(CallPermit Permit, CancellationToken Alive);

    /// <summary>Holds what one new run needs to begin. Disposing of it gives that back, unless the run has begun.</summary>
    public sealed class Place(DirectRuns runs) : IDisposable
    {
        private Taken? _taken;

        /// <summary>
        /// Claims a new generation and marks it as about to be sent, if it may begin now. Call it in the writer's transaction, which may
        /// run again with another one, before the row is written.
        /// </summary>
        /// <returns>False: it must wait in the queue.</returns>
        public bool TryTake(GenApiDbContext db, Generation generation)
        {
            Dispose();
            _taken = runs.TryTake(db, generation);
            return _taken is not null;
        }

        /// <summary>Begins the run, if it may; call it after the commit.</summary>
        public void Begin(Generation generation)
        {
            if (_taken is { } taken)
                runs.Begin(generation, taken);
            _taken = null;
        }

        public void Dispose()
        {
            if (_taken is { } taken)
                runs.GiveBack(taken);
            _taken = null;
        }
    }
}
