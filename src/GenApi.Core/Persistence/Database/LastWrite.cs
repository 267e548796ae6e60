using GenApi.Core.Errors;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Remembers the result of the last real write, so that a readiness check writes nothing. Only after a failure does a check try a write
/// itself, and seldom: anyone may probe readiness, as often as they like.
/// </summary>
public sealed class LastWrite(TimeProvider time)
{
    /// <summary>The time between a failure and a try, and between two tries.</summary>
    public static readonly TimeSpan TryEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private volatile GenApiException? _fault;
    private long _triedAt;

    public void Succeeded()
    {
        if (_fault is not null)
            _fault = null;
    }

    public void Failed(GenApiException fault)
    {
        lock (_gate)
            (_fault, _triedAt) = (fault, time.GetTimestamp());
    }

    /// <summary>Checks whether writes succeed.</summary>
    /// <param name="write">A write that changes nothing and reports its own result.</param>
    /// <exception cref="GenApiException">The last write failed, and the try failed as well or is not due yet.</exception>
    public async Task CheckAsync(Func<Task> write)
    {
        if (_fault is not { } fault)
            return;
        lock (_gate)
        {
            if (time.GetElapsedTime(_triedAt) < TryEvery)
                throw fault;
            _triedAt = time.GetTimestamp();
        }
        await write();
    }
}
