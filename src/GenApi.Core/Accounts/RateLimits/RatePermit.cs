namespace GenApi.Core.Accounts.RateLimits;

/// <summary>One request's share of a limit: taken once, however often the request is tried, and returned when nothing came of it.</summary>
internal sealed class RatePermit(CallerLimits? limits) : IDisposable
{
    private bool _isTaken;

    /// <exception cref="Errors.GenApiException">RateLimited.</exception>
    public void Take()
    {
        if (limits?.Generations is not { } bucket || _isTaken)
            return;
        if (!bucket.TryTake(out var wait))
            throw CallerLimits.Refusal($"Only {limits.GenerationsPerMinute} generations a minute may be made for this caller", wait);
        _isTaken = true;
    }

    /// <summary>Something came of it.</summary>
    public void Keep() => _isTaken = false;

    public void Dispose()
    {
        if (_isTaken)
            limits!.Generations!.Return();
        _isTaken = false;
    }
}
