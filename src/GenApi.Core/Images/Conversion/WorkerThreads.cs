namespace GenApi.Core.Images.Conversion;

/// <summary>
/// Threads for work that blocks for milliseconds to seconds: the threads of the pool serve requests and are few. A thread that has had
/// nothing to do for a while ends.
/// </summary>
internal sealed class WorkerThreads
{
    private const string Name = "GenApi conversion";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly Queue<Task> _work = new();
    private int _idle;

    /// <summary>Runs the work at once: on a thread that is idle, or on a new one.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var task = new Task<T>(work, TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _work.Enqueue(task);
            if (_idle >= _work.Count)
                Monitor.Pulse(_gate);
            else
                new Thread(Work) { IsBackground = true, Name = Name }.Start();
        }
        return task;
    }

    private void Work()
    {
        while (Next() is { } task)
            task.RunSynchronously();
    }

    private Task? Next()
    {
        lock (_gate)
        {
            while (_work.Count == 0)
            {
                _idle++;
                var isAwaited = Monitor.Wait(_gate, Patience);
                _idle--;
                if (!isAwaited && _work.Count == 0)
                    return null;
            }
            return _work.Dequeue();
        }
    }
}
