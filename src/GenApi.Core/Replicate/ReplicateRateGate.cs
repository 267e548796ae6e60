using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Replicate;

/// <summary>
/// Bounds how many calls are under way, and makes creations wait where the upstream has asked for it. A creation that has to wait does so
/// here, before its time-out runs: it is queued, not failed.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing, and calls outlive the container at shutdown.")]
internal sealed class ReplicateRateGate(TimeProvider time)
{
    /// <summary>Calls at once, by kind; apart, so that slow creations and large files never keep predictions from being looked at or canceled.</summary>
    public const int Creations = 32;
    public const int Files = 8;
    public const int Others = 64;

    /// <summary>When a 429 names no time. Replicate's limit for accounts low on credit resets within 10 s (6 a minute).</summary>
    private static readonly TimeSpan UsualHold = TimeSpan.FromSeconds(5);

    /// <summary>A longer time than this is more likely a mistake than a limit: none documented resets later than a minute.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _creations = new(Creations);
    private readonly SemaphoreSlim _files = new(Files);
    private readonly SemaphoreSlim _others = new(Others);

    /// <summary>A time stamp and no time of day, so that setting the clock changes nothing.</summary>
    private long _notBefore;

    /// <summary>Dispose of the pass when the call is over.</summary>
    public async ValueTask<Pass> EnterAsync(ReplicateLeg leg, CancellationToken cancellationToken)
    {
        var creation = leg == ReplicateLeg.Create;
        var lane = creation ? _creations : leg == ReplicateLeg.SendFile ? _files : _others;
        await lane.WaitAsync(cancellationToken);
        try
        {
            // Looked at again after each wait: another creation may have been refused meanwhile.
            while (creation && Remaining() is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait, time, cancellationToken);
            return new Pass(lane);
        }
        catch
        {
            lane.Release();
            throw;
        }
    }

    /// <summary>No creation starts for this long; an earlier, longer hold stands.</summary>
    public void HoldCreations(TimeSpan? retryAfter)
    {
        var wait = retryAfter ?? UsualHold;
        var until = time.GetTimestamp() + (long)((wait > LongestHold ? LongestHold : wait).TotalSeconds * time.TimestampFrequency);
        var seen = Volatile.Read(ref _notBefore);
        while (until > seen)
        {
            var before = Interlocked.CompareExchange(ref _notBefore, until, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    /// <summary>In whole milliseconds, rounded up: timers know nothing smaller, and the loop would spin through the last one.</summary>
    private TimeSpan Remaining()
    {
        var (now, until) = (time.GetTimestamp(), Volatile.Read(ref _notBefore));
        return until <= now ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(time.GetElapsedTime(now, until).TotalMilliseconds));
    }

    internal readonly struct Pass(SemaphoreSlim lane) : IDisposable
    {
        public void Dispose() => lane.Release();
    }
}
