namespace GenApi.Core.Replicate;

/// <summary>
/// The upstream's clock, read from the header <c>Date</c> of its answers and continued by the monotonic clock. Queries by time use it: a
/// machine with a wrong clock would search for a lost creation in the wrong period, and send it again.
/// </summary>
/// <param name="time">Our own clock.</param>
public sealed class UpstreamClock(TimeProvider time)
{
    /// <summary>The header has whole seconds and some delay, so a smaller difference means nothing.</summary>
    private static readonly TimeSpan Unnoticed = TimeSpan.FromSeconds(10);

    private DatedAnswer? _answer;

    /// <summary>The upstream's time; ours until an answer has shown it.</summary>
    public DateTimeOffset Now => Volatile.Read(ref _answer) is { } answer ? answer.Date + time.GetElapsedTime(answer.At) : time.GetUtcNow();

    /// <summary>Converts one of our time stamps to the upstream's clock.</summary>
    /// <param name="stamp">A time by one of our clocks.</param>
    /// <param name="now">The current time by that clock.</param>
    public DateTimeOffset Correct(DateTimeOffset stamp, DateTimeOffset now)
    {
        var offset = Now - now;
        return offset.Duration() < Unnoticed ? stamp : stamp + offset;
    }

    /// <summary>Takes over the time of an answer.</summary>
    /// <param name="date">The header; null, and a date outside this century, is ignored.</param>
    internal void Update(DateTimeOffset? date)
    {
        if (date is { Year: >= 2000 and < 2100 } at)
            Volatile.Write(ref _answer, new DatedAnswer(at, time.GetTimestamp()));
    }

    private sealed record DatedAnswer(DateTimeOffset Date, long At);
}
