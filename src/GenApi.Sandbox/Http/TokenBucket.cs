namespace GenApi.Sandbox.Http;

/// <summary>Fills evenly, a minute's worth in a minute, up to what it holds.</summary>
internal sealed class TokenBucket(int perMinute, int holds, TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _left = holds;
    private long _filledAt = time.GetTimestamp();

    /// <param name="enforced">Off: everything is admitted and nothing is counted.</param>
    /// <param name="remaining">How many more would be admitted now.</param>
    /// <param name="wait">How long until the next one is; zero when it is now.</param>
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
