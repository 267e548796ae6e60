using GenApi.Core.Accounts;
using GenApi.Core.Background;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Generations.Waiting;
using GenApi.Core.Generations.Worker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Following;

/// <summary>
/// Hands every change to the listeners that may see it. Each changed row is read once, however many listen, together with the accounts
/// that see it at that moment. Without a listener it reads nothing.
/// </summary>
internal sealed partial class GenerationFeed : BackgroundLoop, IChangeListener
{
    /// <summary>Changes read together.</summary>
    private const int MostAtOnce = 200;

    /// <summary>Some 2 MB. Beyond it, a step may be sent as a new state.</summary>
    private const int MostShown = 10_000;

    /// <summary>Runs that are polled at once when a stream begins.</summary>
    private const int MostNudged = 30;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The time after which changes of other instances are read that nothing reported.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly GenerationChanges _changes;
    private readonly IFeedLog _log;
    private readonly FeedReader _reader;
    private readonly ListenerLimit _limit;
    private readonly FeedBeginning _beginning;
    private readonly FeedPositions _positions;
    private readonly GenerationWorker _worker;
    private readonly Lock _lock = new();
    private readonly List<FeedListener> _listeners = [];

    /// <summary>The state of each generation that listeners have, and since which change.</summary>
    private readonly Dictionary<Guid, (ShownState? State, long Since)> _shown = [];
    private long _position;
    private bool _isStopping;

    public GenerationFeed(
        GenerationChanges changes, IFeedLog log, FeedReader reader, FeedBeginning beginning, FeedPositions positions, ListenerLimit limit,
        GenerationWorker worker, ICluster cluster, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<GenerationFeed> logger)
        : base(time, logger, cluster.IsShared ? Beat : null)
    {
        (_changes, _log, _reader, _beginning, _positions, _limit, _worker) =
            (changes, log, reader, beginning, positions, limit, worker);
        _changes.Added = WakeIfHeard;
        lifetime.ApplicationStopping.Register(Stop);
    }

    /// <summary>Adds a listener; dispose of it to end it.</summary>
    /// <exception cref="GenApiException">
    /// Overloaded: <c>Generations:MaxListeners</c> is reached. StorageUnavailable, where several instances share the changes.
    /// </exception>
    public async ValueTask<FeedListener> ListenAsync(Caller caller, CancellationToken cancellationToken)
    {
        var listener = new FeedListener(caller, _limit.Acquire(), Leave);
        _changes.Follow(caller.AccountId);
        try
        {
            // What a hit has just given the caller is a change of before, and a row must say so where rows are the log.
            await _reader.SaveGrantsAsync(caller, cancellationToken);
            Add(listener, await _log.LastAsync(cancellationToken));
        }
        catch
        {
            _changes.Unfollow(caller.AccountId);
            listener.Dispose();
            throw;
        }
        // A change may have come before the listener was in the list, and woken nobody.
        Wake();
        return listener;
    }

    /// <summary>Returns the place of a listener that has sent everything; null while something waits to be sent.</summary>
    public string? IdlePosition(FeedListener listener)
    {
        string position;
        lock (_lock)
            position = _positions.At(Math.Max(_position, listener.Start));
        // Read afterwards: everything up to the position was handed to the listener before.
        return listener.IsIdle ? position : null;
    }

    /// <summary>Reads what a stream begins with: what was missed since its last event, the unfinished generations, and Ready.</summary>
    /// <param name="listener">From <see cref="ListenAsync"/>.</param>
    /// <param name="lastId">The id of the last event that the caller has; null: none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<FeedEvent>> BeginAsync(FeedListener listener, string? lastId, CancellationToken cancellationToken)
    {
        var events = await _beginning.ReadAsync(listener.Caller, listener.Start, lastId, cancellationToken);
        listener.Begin(events);
        // With somebody watching, the next poll comes sooner than it was planned.
        foreach (var own in events.OfType<FeedEvent.Changed>().Select(each => each.Details.Generation)
            .Where(row => row.OwnerId == listener.Caller.AccountId && !row.Status.IsTerminal()).Take(MostNudged))
            _worker.Nudge(own.Id);
        return events;
    }

    protected override Task RestAsync(CancellationToken stopping) => IsWell ? base.RestAsync(stopping) : Task.Delay(Pause, Time, stopping);

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        while (true)
        {
            long from;
            lock (_lock)
            {
                if (_listeners.Count == 0)
                    return;
                from = _position;
            }
            if (await _log.AfterAsync(from, stopping) is not { } next)
            {
                EndAll(await _log.LastAsync(stopping));
                return;
            }
            foreach (var changes in next.Changes.Chunk(MostAtOnce))
                await HandOutAsync(changes, stopping);
            lock (_lock)
                _position = Math.Max(_position, next.Through);
            if (next.Through == from)
                return;
        }
    }

    protected override void Report(GenApiException fault) => Log.NotRead(Logger, fault);

    /// <summary>The log has what other instances changed, in order with this one's changes.</summary>
    void IChangeListener.Changed(IReadOnlyList<StoreChange> changes) => WakeIfHeard();

    void IChangeListener.Lost() => WakeIfHeard();

    private void Add(FeedListener listener, long last)
    {
        lock (_lock)
        {
            if (_listeners.Count == 0)
            {
                _position = last;
                _shown.Clear();
            }
            // What is not handed out yet is the listener's to read, too: it has happened before Ready.
            listener.Start = Math.Max(last, _position);
            _listeners.Add(listener);
            if (_isStopping)
                listener.End();
        }
    }

    private void WakeIfHeard()
    {
        // Read without the lock: a listener that comes at this moment wakes the loop itself.
        if (_listeners.Count > 0)
            Wake();
    }

    private void Leave(FeedListener listener)
    {
        lock (_lock)
        {
            if (!_listeners.Remove(listener))
                return;
        }
        _changes.Unfollow(listener.Caller.AccountId);
    }

    private void Stop()
    {
        lock (_lock)
        {
            _isStopping = true;
            _listeners.ForEach(static listener => listener.End());
        }
    }

    /// <summary>More has happened than is remembered. The listeners come back with their last id, and get a reset.</summary>
    private void EndAll(long last)
    {
        lock (_lock)
        {
            _listeners.ForEach(static listener => listener.End());
            _position = last;
            _shown.Clear();
        }
    }

    private async Task HandOutAsync(IReadOnlyList<GenerationChange> changes, CancellationToken cancellationToken)
    {
        var seen = await _reader.ReadAsync(FeedRules.GenerationsOf(changes), cancellationToken);
        var tags = await TagsAsync(changes, cancellationToken);
        lock (_lock)
        {
            foreach (var change in changes)
            {
                var generation = seen.GetValueOrDefault(FeedRules.GenerationOf(change));
                if (change.Kind == ChangeKind.Changed)
                    HandOutStep(change, generation);
                else if (EventOf(change, generation, tags) is { } happened)
                    HandOut(change, generation, _ => happened);
            }
            _position = Math.Max(_position, changes[^1].Number);
        }
    }

    /// <summary>Reads the tags of the accounts that listen, once for each account.</summary>
    private async Task<IReadOnlyDictionary<GenerationChange, IReadOnlyList<string>>> TagsAsync(
        IReadOnlyList<GenerationChange> changes, CancellationToken cancellationToken)
    {
        var tags = new Dictionary<GenerationChange, IReadOnlyList<string>>();
        foreach (var change in changes.Where(each => each.Kind == ChangeKind.Tagged))
        {
            Caller? caller;
            lock (_lock)
                caller = _listeners.Find(each => each.Caller.AccountId == change.Account)?.Caller;
            if (caller is not null && await _reader.TagsAsync(change.Subject, caller, cancellationToken) is { } own)
                tags[change] = own;
        }
        return tags;
    }

    private void HandOut(GenerationChange change, SeenGeneration? generation, Func<FeedListener, FeedEvent?> choose)
    {
        foreach (var listener in _listeners)
        {
            if (change.Number > listener.Start && FeedRules.Concerns(change, generation, listener.Caller)
                && choose(listener) is { } happened)
                listener.Add(happened);
        }
    }

    private FeedEvent? EventOf(
        GenerationChange change, SeenGeneration? generation, IReadOnlyDictionary<GenerationChange, IReadOnlyList<string>> tags)
    {
        var position = _positions.At(change.Number);
        switch (change.Kind)
        {
            case ChangeKind.Granted:
                return generation is null ? null : new FeedEvent.Changed(generation.Details) { Position = position };
            case ChangeKind.Tagged:
                return tags.TryGetValue(change, out var own) ? new FeedEvent.Tagged(change.Subject, own) { Position = position } : null;
            case ChangeKind.Removed:
                _shown.Remove(change.Subject);
                return FeedRules.WithoutRow(change, position);
            default:
                return FeedRules.WithoutRow(change, position);
        }
    }

    /// <summary>
    /// Tells a step from a new state, and hands out neither if callers see nothing new. A listener that came after the last state was
    /// handed out gets the whole generation: it may have read the row just before that state was saved.
    /// </summary>
    private void HandOutStep(GenerationChange change, SeenGeneration? generation)
    {
        if (generation is not { Details: var details })
            return;
        var (state, position) = (ShownState.Of(details.Generation), _positions.At(change.Number));
        var whole = new FeedEvent.Changed(details) { Position = position };
        var (before, since) = _shown.GetValueOrDefault(change.Subject, (null, 0));
        FeedEvent? step = state == before ? null
            : before is not null && state with { Progress = before.Progress } == before
                ? new FeedEvent.Progressed(details) { Position = position }
                : whole;
        if (step is null && !_listeners.Exists(each => each.Start >= since))
            return;
        HandOut(change, generation, listener => listener.Start >= since ? whole : step);
        if (_shown.Count >= MostShown)
            _shown.Clear();
        _shown[change.Subject] = (state, change.Number);
    }

    /// <summary>
    /// The part of a generation that callers see and that can change. While it runs, most revisions only bring more of its log.
    /// </summary>
    private sealed record ShownState(
        GenerationStatus Status, DateTimeOffset? StartedAt, string? PredictionId, string? ErrorCode, bool IsPinned, long EndRevision,
        (int?, int?) Progress)
    {
        public static ShownState Of(Generation row) => new(
            row.Status, row.StartedAt, row.PredictionId, row.ErrorCode, row.IsPinned, row.Status.IsTerminal() ? row.Revision : 0,
            (row.ProgressCurrent, row.ProgressTotal));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Could not read what has changed for those who listen; trying again every second")]
        public static partial void NotRead(ILogger logger, Exception fault);
    }
}
