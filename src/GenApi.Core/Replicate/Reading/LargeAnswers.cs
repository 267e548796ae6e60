using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Replicate.Reading;

/// <summary>
/// Few answers of many megabytes are read at once, and the memory that they took goes back to the system soon after. Without a word the
/// runtime keeps it for as long as nothing else needs it, and a service that is seldom busy looks as if it needed hundreds of megabytes
/// for ever.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The timer holds nothing that matters, and calls outlive the container at shutdown.")]
internal sealed class LargeAnswers
{
    /// <summary>An ordinary page of a hundred predictions has less.</summary>
    public const int Large = 4 << 20;

    private const int AtOnce = 2;

    /// <summary>First what reading took, then what was held until the files in it were stored.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _turns = new(AtOnce);
    private readonly ITimer _timer;
    private int _left;

    public LargeAnswers(TimeProvider time) =>
        _timer = time.CreateTimer(_ => GiveBack(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Waits for the turn of an answer that has turned out to be large; dispose of it when the answer is read.</summary>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        return new Turn(this);
    }

    /// <summary>A pause of some ten milliseconds for each hundred megabytes that are still in use, and those are few.</summary>
    private void GiveBack()
    {
        if (Interlocked.Exchange(ref _left, Volatile.Read(ref _left) > 1 ? 1 : 0) > 1)
            _timer.Change(Later, Timeout.InfiniteTimeSpan);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private void Left()
    {
        _turns.Release();
        // One that is wound up already stays as it is: a stream of large answers must not put it off for ever.
        if (Interlocked.Exchange(ref _left, 2) != 2)
            _timer.Change(Soon, Timeout.InfiniteTimeSpan);
    }

    private sealed class Turn(LargeAnswers answers) : IDisposable
    {
        private int _isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                answers.Left();
        }
    }
}
