namespace GenApi.Core.Background;

/// <summary>
/// Wakes one loop from any thread. A wake while nobody waits ends the next wait at once; several of them count as one. Whatever was written
/// before <see cref="Wake"/> is visible to the round that follows the wait.
/// </summary>
internal sealed class WakeSignal
{
    private TaskCompletionSource _woken = New();

    /// <summary>Ends the wait that is under way, or the next one.</summary>
    public void Wake()
    {
        // With the exchange in Reset: either the round sees what was written before this call, or this call sees the round's new source.
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _woken).TrySetResult();
    }

    /// <summary>Waits for the next wake.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await Volatile.Read(ref _woken).Task.WaitAsync(cancellationToken);
        Reset();
    }

    /// <summary>Waits for the next wake, and at most for a time.</summary>
    /// <returns>False when the time was over first.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        var woken = Volatile.Read(ref _woken).Task;
        if (atMost > TimeSpan.Zero)
        {
            // A time-out is the rule here, so it is not thrown.
            await woken.WaitAsync(atMost, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        cancellationToken.ThrowIfCancellationRequested();
        return Reset();
    }

    /// <summary>Forgets a wake that no wait has seen yet.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Reset()
    {
        if (!Volatile.Read(ref _woken).Task.IsCompleted)
            return false;
        Interlocked.Exchange(ref _woken, New());
        return true;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
