namespace GenApi.Core.Persistence;

/// <summary>
/// The clock of pauses, deadlines and leases: what the wall clock showed when the process began, carried on by the monotonic clock.
/// Nobody can set it, so nothing
/// that is measured by it ends early or late when the wall clock is set. It says nothing of the time of day: what callers are shown,
/// and what must hold
/// across restarts, goes by the wall clock.
/// </summary>
public sealed class SteadyClock : TimeProvider
{
    /// <summary>Reading two clocks takes a moment, and a wall clock that is this near was not set.</summary>
    private static readonly TimeSpan Unnoticed = TimeSpan.FromSeconds(0.5);

    private readonly TimeProvider _time;
    private readonly DateTimeOffset _beganAt;
    private readonly long _began;

    /// <param name="time">The wall clock and the monotonic one.</param>
    public SteadyClock(TimeProvider time) => (_time, _beganAt, _began) = (time, time.GetUtcNow(), time.GetTimestamp());

    /// <summary>The steady time.</summary>
    public DateTimeOffset Now => _beganAt + _time.GetElapsedTime(_began);

    /// <summary>How far the wall clock was set forward since the process began; negative: back.</summary>
    public TimeSpan WallOffset
    {
        get
        {
            var offset = _time.GetUtcNow() - Now;
            return offset.Duration() < Unnoticed ? TimeSpan.Zero : offset;
        }
    }

    /// <summary>The same moment as the wall clock shows it.</summary>
    public DateTimeOffset ToWall(DateTimeOffset steady) => steady + WallOffset;

    /// <summary>
    /// The moment of a stamp that the wall clock gave, such as one of an earlier process. One that lies ahead of the clock is taken for
    /// now.
    /// </summary>
    public DateTimeOffset FromWall(DateTimeOffset stamp)
    {
        var (now, steady) = (Now, stamp - WallOffset);
        return steady < now ? steady : now;
    }

    /// <inheritdoc/>
    /// <remarks>The steady time, for libraries that measure pauses by it.</remarks>
    public override DateTimeOffset GetUtcNow() => Now;

    /// <inheritdoc/>
    public override long GetTimestamp() => _time.GetTimestamp();

    /// <inheritdoc/>
    public override long TimestampFrequency => _time.TimestampFrequency;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _time.CreateTimer(callback, state, dueTime, period);
}
