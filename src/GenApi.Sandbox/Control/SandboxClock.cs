namespace GenApi.Sandbox.Control;

/// <summary>
/// Carries the start time of the given clock on by its monotonic part. If the wall clock of the surrounding service is set, the sandbox
/// keeps its own time, as an upstream on another machine would, and reports it in the header <c>Date</c>.
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
