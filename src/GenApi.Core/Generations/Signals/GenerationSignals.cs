using System.Collections.Concurrent;

namespace GenApi.Core.Generations.Signals;

/// <summary>
/// Signals inside this process that a generation has changed. A signal carries no data, because the row is the truth. A waiter subscribes
/// before it reads the row, so that no change falls between the two.
/// </summary>
/// <param name="changes">Gets every signal, for streams that follow all generations; null: there are none.</param>
/// <param name="elsewhere">The listeners of other instances; null: there are none.</param>
public sealed class GenerationSignals(GenerationChanges? changes = null, ListenersElsewhere? elsewhere = null)
{
    private readonly ConcurrentDictionary<Guid, Listeners> _listeners = new();

    /// <summary>The number of listeners to all generations together, streams that follow all of them included.</summary>
    public int Count => _listeners.Values.Sum(listeners => listeners.Count) + (changes?.Followers ?? 0);

    /// <summary>The generations that somebody listens to.</summary>
    public IReadOnlyCollection<Guid> Heard => [.. _listeners.Keys];

    /// <summary>Returns whether anybody listens to the generation.</summary>
    public bool IsHeard(Guid id) => _listeners.ContainsKey(id);

    /// <summary>Wakes the listeners of one generation after a change that another instance made.</summary>
    /// <param name="id">Of the generation.</param>
    /// <param name="all">Whether those wake too that wait for the end.</param>
    public void ChangedElsewhere(Guid id, bool all)
    {
        if (_listeners.TryGetValue(id, out var listeners))
            listeners.Wake(all);
    }

    /// <summary>Wakes all listeners; call it after the save of an end, or of a change to who sees the generation.</summary>
    public void Changed(Guid id)
    {
        changes?.Changed(id);
        if (_listeners.TryGetValue(id, out var listeners))
            listeners.Wake(all: true);
    }

    /// <summary>
    /// Wakes the listeners that follow every step; call it after the save of a step. Those that wait for the end would read the row in
    /// vain.
    /// </summary>
    public void Stepped(Guid id)
    {
        changes?.Changed(id);
        if (_listeners.TryGetValue(id, out var listeners))
            listeners.Wake(all: false);
    }

    /// <summary>Returns whether a listener follows every step and not just the end, at whichever instance.</summary>
    public bool IsWatched(Guid id) => IsFollowedHere(id) || elsewhere?.Follow(id) == true;

    /// <summary>Returns whether a listener in this process follows every step and not just the end.</summary>
    public bool IsFollowedHere(Guid id) => _listeners.TryGetValue(id, out var listeners) && listeners.Watchers > 0;

    /// <param name="id">Of the generation.</param>
    /// <param name="everyStep">Whether the subscriber shows progress, so that the upstream is polled more often.</param>
    public Subscription Subscribe(Guid id, bool everyStep)
    {
        while (true)
        {
            var listeners = _listeners.GetOrAdd(id, static _ => new Listeners());
            if (listeners.TryAdd(everyStep) is { } first)
                return new Subscription(this, id, listeners, everyStep, first);
        }
    }

    /// <summary>The subscription of one listener; dispose of it to leave.</summary>
    public sealed class Subscription : IDisposable
    {
        private readonly GenerationSignals _signals;
        private readonly Guid _id;
        private readonly Listeners _listeners;
        private readonly bool _everyStep;
        private Task _next;

        internal Subscription(GenerationSignals signals, Guid id, Listeners listeners, bool everyStep, Task next) =>
            (_signals, _id, _listeners, _everyStep, _next) = (signals, id, listeners, everyStep, next);

        /// <summary>
        /// Waits for the first change since the last call, or since subscribing. A listener that does not follow every step waits for the
        /// first change that wakes all.
        /// </summary>
        public async Task ChangedAsync(CancellationToken cancellationToken)
        {
            await _next.WaitAsync(cancellationToken);
            _next = _listeners.Next(_everyStep);
        }

        public void Dispose()
        {
            if (_listeners.Remove(_everyStep))
                _signals._listeners.TryRemove(new(_id, _listeners));
        }
    }

    /// <summary>
    /// The listeners of one generation. Those that listen in the same way share one task, replaced at each change, so a thousand waiters
    /// cost one object.
    /// </summary>
    internal sealed class Listeners
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource _step = New(), _end = New();
        private int _count;

        public int Count => Math.Max(0, Volatile.Read(ref _count));

        public int Watchers { get; private set; }

        public Task Next(bool everyStep)
        {
            lock (_lock)
                return (everyStep ? _step : _end).Task;
        }

        /// <returns>Null when the last listener has just left, so that this object is no longer in the dictionary.</returns>
        public Task? TryAdd(bool everyStep)
        {
            lock (_lock)
            {
                if (_count < 0)
                    return null;
                _count++;
                Watchers += everyStep ? 1 : 0;
                return Next(everyStep);
            }
        }

        /// <returns>True when no listener is left.</returns>
        public bool Remove(bool everyStep)
        {
            lock (_lock)
            {
                Watchers -= everyStep ? 1 : 0;
                if (--_count > 0)
                    return false;
                _count = -1;
                return true;
            }
        }

        public void Wake(bool all)
        {
            TaskCompletionSource step;
            TaskCompletionSource? end = null;
            lock (_lock)
            {
                (step, _step) = (_step, New());
                if (all)
                    (end, _end) = (_end, New());
            }
            step.TrySetResult();
            end?.TrySetResult();
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
