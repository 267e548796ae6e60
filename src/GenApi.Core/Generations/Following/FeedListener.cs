using GenApi.Core.Accounts;
using GenApi.Core.Background;

namespace GenApi.Core.Generations.Following;

/// <summary>One stream of events: what <see cref="GenerationFeed"/> has for it and it has not sent yet.</summary>
internal sealed class FeedListener : IDisposable
{
    /// <summary>One that lags behind by more than this many events ends. Its client comes back and continues where it was.</summary>
    private const int MostPending = 1_000;

    private readonly IDisposable _permit;
    private readonly Action<FeedListener> _leave;
    private readonly Lock _lock = new();
    private readonly WakeSignal _wake = new();
    private OrderedDictionary<object, FeedEvent> _pending = [];

    /// <summary>The revisions with which the stream began, until later ones are sent.</summary>
    private readonly Dictionary<Guid, long> _begun = [];
    private bool _isOver, _isSending;

    internal FeedListener(Caller caller, IDisposable permit, Action<FeedListener> leave) =>
        (Caller, _permit, _leave) = (caller, permit, leave);

    internal Caller Caller { get; }

    /// <summary>The last change that is not handed to it, because its stream begins with it.</summary>
    internal long Start { get; set; }

    /// <summary>True when it has sent everything that was handed to it.</summary>
    internal bool IsIdle
    {
        get
        {
            lock (_lock)
                return _pending.Count == 0 && !_isSending;
        }
    }

    /// <summary>Waits for the next events. Call it again when they have been sent.</summary>
    /// <returns>Null: the stream is over, because the service stops or the listener was too slow.</returns>
    public async Task<IReadOnlyCollection<FeedEvent>?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                List<FeedEvent> events = [.. _pending.Values.Where(IsNews)];
                _pending = [];
                _isSending = events.Count > 0;
                if (_isSending)
                    return events;
                if (_isOver)
                    return null;
            }
            await _wake.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _leave(this);
        _permit.Dispose();
    }

    /// <summary>
    /// Remembers what the stream begins with. A change that happened while that was read may be in it already, and is not sent once more.
    /// </summary>
    internal void Begin(IEnumerable<FeedEvent> events)
    {
        lock (_lock)
        {
            foreach (var row in events.OfType<FeedEvent.Changed>().Select(each => each.Details.Generation))
                _begun[row.Id] = row.Revision;
        }
    }

    internal void Add(FeedEvent happened)
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            // Progress says little to a listener that does not know the state before it yet.
            if (_pending.TryGetValue(happened.Subject, out var waiting) && waiting is FeedEvent.Changed
                && happened is FeedEvent.Progressed progressed)
                happened = new FeedEvent.Changed(progressed.Details) { Position = progressed.Position };
            _pending.Remove(happened.Subject);
            _pending.Add(happened.Subject, happened);
            _isOver = _pending.Count > MostPending;
        }
        _wake.Wake();
    }

    private bool IsNews(FeedEvent happened)
    {
        switch (happened)
        {
            case FeedEvent.Changed { Details.Generation: var row }:
                return IsLater(row);
            case FeedEvent.Progressed { Details.Generation: var row }:
                return IsLater(row);
            case FeedEvent.Removed { Generation: var id }:
                // It may come back as it was.
                _begun.Remove(id);
                return true;
            default:
                return true;
        }
    }

    private bool IsLater(Generation row)
    {
        if (_begun.TryGetValue(row.Id, out var begun) && row.Revision <= begun)
            return false;
        _begun.Remove(row.Id);
        return true;
    }

    internal void End()
    {
        lock (_lock)
            _isOver = true;
        _wake.Wake();
    }
}
