namespace GenApi.Core.Persistence;

/// <summary>
/// The clock of pauses, deadlines and leases: the wall clock at the start of the process, continued by the monotonic clock. It can't be
/// set, so nothing that it measures ends early or late when the wall clock is set. It does not show the time of day: times that callers
/// see, and times that must hold across restarts, follow the wall clock.
/// </summary>
public sealed class SteadyClock : TimeProvider
{
    /// <summary>Reading two clocks takes a moment, so a wall clock this close was not set.</summary>
    private static readonly TimeSpan Unnoticed = TimeSpan.FromSeconds(0.5);

    private readonly TimeProvider _time;
    private readonly DateTimeOffset _beganAt;
    private readonly long _began;

    /// <param name="time">The wall clock and the monotonic one.</param>
    public SteadyClock(TimeProvider time) => (_time, _beganAt, _began) = (time, time.GetUtcNow(), time.GetTimestamp());

    /// <summary>The steady time.</summary>
    public DateTimeOffset Now => _beganAt + _time.GetElapsedTime(_began);

    /// <summary>The amount by which the wall clock was set forward since the process began; negative: back.</summary>
    public TimeSpan WallOffset
    {
        get
        {
            var offset = _time.GetUtcNow() - Now;
            return offset.Duration() < Unnoticed ? TimeSpan.Zero : offset;
        }
    }

    /// <summary>Converts a steady time to the wall clock.</summary>
    public DateTimeOffset ToWall(DateTimeOffset steady) => steady + WallOffset;

    /// <summary>
    /// Converts a stamp of the wall clock, such as one of an earlier process. A stamp in the future counts as now.
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
