using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Replicate.Reading;

/// <summary>
/// Limits how many answers of many megabytes are read at once, and returns their memory to the system soon after. Otherwise the runtime
/// holds it as long as nothing else needs it, and a service that is seldom busy seems to need hundreds of megabytes for ever.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The timer holds nothing that matters, and calls outlive the container at shutdown.")]
internal sealed class LargeAnswers
{
    /// <summary>The size of a large answer. An ordinary page of a hundred predictions is smaller.</summary>
    public const int Large = 4 << 20;

    private const int AtOnce = 2;

    /// <summary>First the memory of the read, then the memory that was held until its files were stored.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _permits = new(AtOnce);
    private readonly ITimer _timer;
    private int _left;

    public LargeAnswers(TimeProvider time) =>
        _timer = time.CreateTimer(_ => GiveBack(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Waits for the permit to read a large answer; dispose it when the answer is read.</summary>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _permits.WaitAsync(cancellationToken);
        return new Permit(this);
    }

    /// <summary>Returns memory. It pauses the process some ten milliseconds per hundred megabytes in use, and those are few.</summary>
    private void GiveBack()
    {
        if (Interlocked.Exchange(ref _left, Volatile.Read(ref _left) > 1 ? 1 : 0) > 1)
            _timer.Change(Later, Timeout.InfiniteTimeSpan);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private void Left()
    {
        _permits.Release();
        // A timer that is set already stays as it is: a stream of large answers must not postpone it for ever.
        if (Interlocked.Exchange(ref _left, 2) != 2)
            _timer.Change(Soon, Timeout.InfiniteTimeSpan);
    }

    private sealed class Permit(LargeAnswers answers) : IDisposable
    {
        private int _isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                answers.Left();
        }
    }
}
