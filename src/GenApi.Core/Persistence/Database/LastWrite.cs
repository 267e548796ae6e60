using GenApi.Core.Errors;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Remembers what the last real write came to, so that a question about it writes nothing. Only after a failure is a write tried for the
/// question alone, and not often:
/// anybody may ask for readiness, as often as he likes.
/// </summary>
public sealed class LastWrite(TimeProvider time)
{
    /// <summary>Between a failure and a try, and between two tries.</summary>
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

    /// <param name="write">A write that changes nothing; it says itself how it ended.</param>
    /// <exception cref="GenApiException">The last write failed, and so did the try, or it is not time for one.</exception>
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
