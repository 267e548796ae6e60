namespace GenApi.Core.Accounts.RateLimits;

/// <summary>
/// A limit a minute: all of it at once after a rest, and evenly filled again. A token bucket of our own, as for the calls upstream: the library's
/// (System.Threading.RateLimiting) keeps to a clock that no test can move, and takes nothing back that was not used.
/// </summary>
internal sealed class TokenBucket
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>What is lost when fractions are added up.</summary>
    private const double Rounding = 1e-6;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private double _left;

    // A time stamp and no time of day, so that setting the clock changes nothing.
    private long _filledAt;

    public TokenBucket(int perMinute, TimeProvider time)
    {
        (PerMinute, _time, _left) = (perMinute, time, perMinute);
        _filledAt = time.GetTimestamp();
    }

    public int PerMinute { get; }

    /// <param name="wait">When there is one again; zero when one was taken.</param>
    public bool TryTake(out TimeSpan wait)
    {
        lock (_lock)
        {
            Fill();
            if (_left + Rounding >= 1)
            {
                _left -= 1;
                wait = TimeSpan.Zero;
                return true;
            }
            wait = Period * ((1 - _left) / PerMinute);
            return false;
        }
    }

    /// <summary>Nothing came of one that was taken.</summary>
    public void GiveBack()
    {
        lock (_lock)
            _left = Math.Min(PerMinute, _left + 1);
    }

    /// <returns>Whole ones that are left, and when all are there again.</returns>
    public (int Left, TimeSpan UntilFull) Look()
    {
        lock (_lock)
        {
            Fill();
            return ((int)Math.Max(0, _left + Rounding), Period * ((PerMinute - _left) / PerMinute));
        }
    }

    private void Fill()
    {
        var now = _time.GetTimestamp();
        _left = Math.Min(PerMinute, _left + _time.GetElapsedTime(_filledAt, now) / Period * PerMinute);
        _filledAt = now;
    }
}

/// <summary>What one request takes of a limit: once, however often it is tried, and given back when nothing came of it.</summary>
internal sealed class RatePermit(TokenBucket? bucket) : IDisposable
{
    private bool _isTaken;

    /// <exception cref="Errors.GenApiException">RateLimited.</exception>
    public void Take()
    {
        if (bucket is null || _isTaken)
            return;
        if (!bucket.TryTake(out var wait))
            throw CallerLimits.Refusal($"Only {bucket.PerMinute} generations a minute may be made for this caller", wait);
        _isTaken = true;
    }

    /// <summary>Something came of it.</summary>
    public void Keep() => _isTaken = false;

    public void Dispose()
    {
        if (_isTaken)
            bucket!.GiveBack();
        _isTaken = false;
    }
}
