using GenApi.Core.KeepWarm;

namespace GenApi.Tests.KeepWarm;

/// <summary>A clock that the test moves. Timers run as usual, except the beat of the rounds, which the test makes itself.</summary>
internal sealed class KeepWarmClock : TimeProvider
{
    private TimeSpan _moved;
    private TimeSpan _stepped;

    public void Advance(TimeSpan by) => _moved += by;

    /// <summary>Sets the clock as an operator does: no time passes.</summary>
    public void Step(TimeSpan by) => _stepped += by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _moved + _stepped;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(_moved.TotalSeconds * TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime == KeepWarmWorker.Beat ? Timeout.InfiniteTimeSpan : dueTime, period);
}
