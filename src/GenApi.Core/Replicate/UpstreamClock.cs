namespace GenApi.Core.Replicate;

/// <summary>
/// The upstream's clock, as the header <c>Date</c> of its answers shows it, carried on by the monotonic clock. What is asked of the
/// upstream by time goes by it: a
/// machine whose clock is wrong would look for a lost creation where it can't be, and send it again.
/// </summary>
/// <param name="time">Ours.</param>
public sealed class UpstreamClock(TimeProvider time)
{
    /// <summary>The header tells whole seconds and comes after a moment, so a smaller difference says nothing.</summary>
    private static readonly TimeSpan Unnoticed = TimeSpan.FromSeconds(10);

    private Heard? _heard;

    /// <summary>Its time; ours while no answer has told one.</summary>
    public DateTimeOffset Now => Volatile.Read(ref _heard) is { } heard ? heard.Date + time.GetElapsedTime(heard.At) : time.GetUtcNow();

    /// <summary>A time of ours as the upstream's clock showed it.</summary>
    /// <param name="stamp">By a clock of ours.</param>
    /// <param name="now">What that clock shows now.</param>
    public DateTimeOffset Correct(DateTimeOffset stamp, DateTimeOffset now)
    {
        var offset = Now - now;
        return offset.Duration() < Unnoticed ? stamp : stamp + offset;
    }

    /// <summary>An answer has come.</summary>
    /// <param name="date">Its header; null, and what can be no time of this century, tells nothing.</param>
    internal void Hear(DateTimeOffset? date)
    {
        if (date is { Year: >= 2000 and < 2100 } at)
            Volatile.Write(ref _heard, new Heard(at, time.GetTimestamp()));
    }

    private sealed record Heard(DateTimeOffset Date, long At);
}
