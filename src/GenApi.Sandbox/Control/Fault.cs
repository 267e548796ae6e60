namespace GenApi.Sandbox.Control;

/// <summary>One switch: what goes wrong, how often, for which model. Made by <see cref="Faults.Add(Fault)"/>.</summary>
public sealed class Fault(FaultKind kind)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _used;

    public FaultKind Kind { get; } = kind;

    /// <summary>Given by <see cref="Faults.Add(Fault)"/>.</summary>
    public int Id { get; internal set; }

    /// <summary>Applies so many times; null is always.</summary>
    public int? Times { get; init; } = 1;

    /// <summary><c>owner/name</c>; null is every model.</summary>
    public string? Model { get; init; }

    /// <summary>How long something is held, or the wait that a 429 tells. By the sandbox's clock and not divided by its speed.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>The status to answer with, where the kind has one.</summary>
    public int? Status { get; init; }

    /// <summary>Error text, status word, content type or redirect target, as the kind says.</summary>
    public string? Text { get; init; }

    /// <summary>A number of pictures or bytes, as the kind says.</summary>
    public int? Count { get; init; }

    /// <summary>Make the prediction all the same, though the answer is an error.</summary>
    public bool Accept { get; init; }

    public ThrottleForm Form { get; init; }

    /// <summary>How often it has applied so far.</summary>
    public int Used => Volatile.Read(ref _used);

    /// <summary>Done when it has applied for the first time; for one that holds: when somebody is being held.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets go everything that this one holds, now and later.</summary>
    public void Release() => _released.TrySetResult();

    internal Task Released => _released.Task;

    internal bool TryUse()
    {
        while (true)
        {
            var used = Volatile.Read(ref _used);
            if (Times is { } times && used >= times)
                return false;
            if (Interlocked.CompareExchange(ref _used, used + 1, used) != used)
                continue;
            _reached.TrySetResult();
            return true;
        }
    }

    /// <summary>Waits for <see cref="Delay"/> or the release, whichever comes first.</summary>
    internal async Task HoldAsync(TimeProvider time, CancellationToken ct)
    {
        if (Delay is not { } delay)
        {
            await Released.WaitAsync(ct);
            return;
        }
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(Released, Task.Delay(delay, time, ended.Token));
        await ended.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }
}
