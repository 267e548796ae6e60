namespace GenApi.Sandbox.Predictions;

/// <summary>
/// Runs steps at their time, with a single timer. Ten thousand runs in flight are ten thousand queue entries, not as many sleeping tasks. A
/// step receives its due time, so a clock that jumps gives the same history as one that walks.
/// </summary>
internal sealed class Schedule : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Action<DateTimeOffset>, (DateTimeOffset Due, long Order)> _steps = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _order;
    private bool _running;
    private bool _disposed;

    public Schedule(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => Run(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Adds a step. Steps run one after another in the order of their times and must be short. A step that is already due runs at once on
    /// the thread pool.
    /// </summary>
    public void At(DateTimeOffset due, Action<DateTimeOffset> step)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _steps.Enqueue(step, (due, _order++));
            if (_running)
                return;
            if (due <= _time.GetUtcNow())
                ThreadPool.UnsafeQueueUserWorkItem(static s => s.Run(), this, preferLocal: false);
            else
                Arm();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _steps.Clear();
        }
        _timer.Dispose();
    }

    private void Run()
    {
        lock (_gate)
        {
            if (_running)
                return;
            _running = true;
        }
        while (TryTake(out var step, out var due))
            step(due);
    }

    private bool TryTake(out Action<DateTimeOffset> step, out DateTimeOffset due)
    {
        lock (_gate)
        {
            if (_steps.TryPeek(out step!, out var key) && key.Due <= _time.GetUtcNow())
            {
                _steps.Dequeue();
                due = key.Due;
                return true;
            }
            _running = false;
            due = default;
            Arm();
            return false;
        }
    }

    private void Arm()
    {
        if (_disposed || !_steps.TryPeek(out _, out var next))
            return;
        // Timers count whole milliseconds and round down; one more millisecond saves a second wake-up.
        var wait = next.Due - _time.GetUtcNow();
        var milliseconds = Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, 1e9);
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }
}
