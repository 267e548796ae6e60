using GenApi.Core.RateLimiting;

namespace GenApi.Core.Accounts.RateLimits;

/// <summary>One request's share of a limit: taken once, however often the request is tried, and returned when nothing came of it.</summary>
internal sealed class RatePermit(TokenBucket? bucket) : IDisposable
{
    private bool _isTaken;

    /// <exception cref="Errors.GenApiException">RateLimited.</exception>
    public void Take()
    {
        if (bucket is null || _isTaken)
            return;
        if (!bucket.TryTake(out var wait))
            throw CallerLimits.Refusal($"Only {bucket.Capacity} generations a minute may be made for this caller", wait);
        _isTaken = true;
    }

    /// <summary>Something came of it.</summary>
    public void Keep() => _isTaken = false;

    public void Dispose()
    {
        if (_isTaken)
            bucket!.Return();
        _isTaken = false;
    }
}
