namespace GenApi.Core.RateLimiting;

/// <summary>
/// A rate limit: a full bucket may be emptied at once, and it fills again evenly. It is our own class, because the library's
/// (System.Threading.RateLimiting) runs on a clock that tests can't move, takes no token back, and can't follow what the upstream's
/// headers say. It measures with time stamps, so setting the wall clock changes nothing.
/// </summary>
internal sealed class TokenBucket
{
    /// <summary>The error that adding up fractions makes.</summary>
    private const double Rounding = 1e-6;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private double _capacity;
    private double _perSecond;
    private double _tokens;
    private long _filledAt;

    /// <param name="capacity">Tokens in a full bucket, at least 1. The bucket starts full.</param>
    /// <param name="perSecond">Tokens that come back each second, above 0.</param>
    /// <param name="time">Its time stamps count.</param>
    public TokenBucket(double capacity, double perSecond, TimeProvider time)
    {
        (_capacity, _perSecond, _time, _tokens) = (capacity, perSecond, time, capacity);
        _filledAt = time.GetTimestamp();
    }

    /// <summary>Tokens in a full bucket.</summary>
    public double Capacity => Volatile.Read(ref _capacity);

    /// <summary>The time until there is a token; zero: there is one now.</summary>
    public TimeSpan Wait
    {
        get
        {
            lock (_lock)
            {
                Fill(_time.GetTimestamp());
                return UntilNext();
            }
        }
    }

    /// <summary>Takes one token.</summary>
    /// <param name="wait">How long until there is a token; zero when this call took one.</param>
    /// <returns>False when there is none.</returns>
    public bool TryTake(out TimeSpan wait)
    {
        lock (_lock)
        {
            Fill(_time.GetTimestamp());
            wait = UntilNext();
            if (wait > TimeSpan.Zero)
                return false;
            _tokens--;
            return true;
        }
    }

    /// <summary>Takes one token whether there is one or not; what is missing fills first.</summary>
    public void Charge()
    {
        lock (_lock)
        {
            Fill(_time.GetTimestamp());
            _tokens--;
        }
    }

    /// <summary>Returns a token that was not used.</summary>
    public void Return()
    {
        lock (_lock)
            _tokens = Math.Min(_capacity, _tokens + 1);
    }

    /// <summary>Another size and speed from now on. At most one token stays.</summary>
    public void Change(double capacity, double perSecond)
    {
        lock (_lock)
        {
            Fill(_time.GetTimestamp());
            (_capacity, _perSecond, _tokens) = (capacity, perSecond, Math.Min(_tokens, 1));
        }
    }

    /// <summary>Another size and speed from now on. The bucket stays as full as it is, in proportion.</summary>
    public void Rescale(double capacity, double perSecond)
    {
        lock (_lock)
        {
            Fill(_time.GetTimestamp());
            (_tokens, _capacity, _perSecond) = (_tokens * capacity / _capacity, capacity, perSecond);
        }
    }

    /// <summary>Leaves one token, and fills again only from a later time stamp on.</summary>
    public void DrainUntil(long timestamp)
    {
        lock (_lock)
            (_tokens, _filledAt) = (1, timestamp);
    }

    /// <returns>Whole tokens, and how long until the bucket is full.</returns>
    public (int Tokens, TimeSpan UntilFull) Read()
    {
        lock (_lock)
        {
            Fill(_time.GetTimestamp());
            return ((int)Math.Max(0, _tokens + Rounding), TimeSpan.FromSeconds((_capacity - _tokens) / _perSecond));
        }
    }

    private TimeSpan UntilNext() => _tokens < 1 - Rounding ? TimeSpan.FromSeconds((1 - _tokens) / _perSecond) : TimeSpan.Zero;

    private void Fill(long now)
    {
        if (now <= _filledAt)
            return;
        _tokens = Math.Min(_capacity, _tokens + _time.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond);
        _filledAt = now;
    }
}
