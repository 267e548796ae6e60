namespace GenApi.Tests;

/// <summary>
/// A clock whose time of day can be set, as an operator or NTP sets it. Its timers and its monotonic part go on as if nothing had
/// happened.
/// </summary>
internal sealed class SteppedClock(TimeProvider inner) : TimeProvider
{
    private long _offset;

    /// <summary>Creates one over the system's clock.</summary>
    public SteppedClock()
        : this(System)
    {
    }

    /// <summary>Moves the time of day forward or back.</summary>
    public void Step(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));

    public override long GetTimestamp() => inner.GetTimestamp();

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}
