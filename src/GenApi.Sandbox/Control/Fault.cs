namespace GenApi.Sandbox.Control;

/// <summary>A switch that makes something go wrong, so often and for so many models. <see cref="Faults.Add(Fault)"/> sets it.</summary>
public sealed class Fault(FaultKind kind)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _used;

    public FaultKind Kind { get; } = kind;

    /// <summary>The number that <see cref="Faults.Add(Fault)"/> assigns.</summary>
    public int Id { get; internal set; }

    /// <summary>The number of times it applies; null: always.</summary>
    public int? Times { get; init; } = 1;

    /// <summary><c>owner/name</c>; null: every model.</summary>
    public string? Model { get; init; }

    /// <summary>
    /// The time that something is held, or the wait that a 429 states. It follows the sandbox's clock and is not divided by its speed.
    /// </summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>The status of the answer, for the kinds that have one.</summary>
    public int? Status { get; init; }

    /// <summary>An error text, a status word, a content type or a redirect target, depending on the kind.</summary>
    public string? Text { get; init; }

    /// <summary>A number of pictures or bytes, depending on the kind.</summary>
    public int? Count { get; init; }

    /// <summary>Makes the prediction although the answer is an error.</summary>
    public bool Accept { get; init; }

    public ThrottleForm Form { get; init; }

    /// <summary>The number of times it has applied so far.</summary>
    public int Used => Volatile.Read(ref _used);

    /// <summary>Completes when it applies for the first time; for a fault that holds, when the first request is held.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Releases everything that this fault holds, now and later.</summary>
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
