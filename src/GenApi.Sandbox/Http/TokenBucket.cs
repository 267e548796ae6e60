namespace GenApi.Sandbox.Http;

/// <summary>A token bucket that refills evenly, a minute's tokens in a minute, up to its capacity.</summary>
internal sealed class TokenBucket(int perMinute, int holds, TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _left = holds;
    private long _filledAt = time.GetTimestamp();

    /// <param name="enforced">Off: every call is admitted and none is counted.</param>
    /// <param name="remaining">The number of further calls that would be admitted now.</param>
    /// <param name="wait">The time until the next call is admitted; zero: now.</param>
    public bool TryTake(bool enforced, out int remaining, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (!enforced)
        {
            remaining = holds - 1;
            return true;
        }
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _left = Math.Min(holds, _left + time.GetElapsedTime(_filledAt, now).TotalMinutes * perMinute);
            _filledAt = now;
            var admitted = _left >= 1;
            if (admitted)
                _left--;
            remaining = (int)_left;
            if (_left < 1)
                wait = TimeSpan.FromMinutes((1 - _left) / perMinute);
            return admitted;
        }
    }
}
