namespace GenApi.Tests.Doors.Mcp;

/// <summary>A clock that runs faster than the system's, so that a wait of 50 seconds ends in two while everything else goes on.</summary>
internal sealed class HurriedClock(int factor) : TimeProvider
{
    private readonly long _began = System.GetTimestamp();
    private readonly DateTimeOffset _beganAt = System.GetUtcNow();

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => _began + ((System.GetTimestamp() - _began) * factor);

    public override DateTimeOffset GetUtcNow() => _beganAt + (System.GetElapsedTime(_began) * factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    private TimeSpan Real(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? span : span / factor;

    private sealed class Timer(ITimer inner, HurriedClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(clock.Real(dueTime), clock.Real(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
