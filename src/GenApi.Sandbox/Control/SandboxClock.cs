namespace GenApi.Sandbox.Control;

/// <summary>
/// What the given clock showed at the start, carried on by its monotonic part. A sandbox inside a service whose wall clock is set keeps
/// its own time, as an upstream on
/// another machine would, and tells it in the header <c>Date</c>.
/// </summary>
internal sealed class SandboxClock(TimeProvider time) : TimeProvider
{
    private readonly DateTimeOffset _beganAt = time.GetUtcNow();
    private readonly long _began = time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _beganAt + time.GetElapsedTime(_began);

    public override long GetTimestamp() => time.GetTimestamp();

    public override long TimestampFrequency => time.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
