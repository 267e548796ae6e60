using System.Globalization;
using GenApi.Core.Errors;
using GenApi.Core.RateLimiting;

namespace GenApi.Core.Accounts.RateLimits;

/// <summary>
/// Limits the rate of a caller's requests and generations. The counts are in memory only: after a restart, every caller has a full minute's
/// allowance again.
/// </summary>
public sealed class CallerLimits
{
    /// <summary>As fast as can be.</summary>
    public static readonly CallerLimits None = new(0, 0, TimeProvider.System);

    /// <summary>The name of the limit on requests.</summary>
    public const string OfRequests = "requests";

    private readonly (int Requests, int Generations) _perMinute;
    private readonly TokenBucket? _requests;

    internal CallerLimits(int requestsPerMinute, int generationsPerMinute, TimeProvider time)
    {
        _perMinute = (requestsPerMinute, generationsPerMinute);
        _requests = BucketOf(requestsPerMinute, time);
        Generations = BucketOf(generationsPerMinute, time);
    }

    public bool IsNone => _requests is null && Generations is null;

    /// <summary>The bucket for new generations, which excludes answers from the store and joined runs; null: no limit.</summary>
    internal TokenBucket? Generations { get; }

    /// <summary>One request. Those that are refused take nothing.</summary>
    /// <returns>Why not; null: it may come in.</returns>
    public GenApiException? Enter() =>
        _requests is null || _requests.TryTake(out var wait)
            ? null
            : Refusal($"Only {_perMinute.Requests} requests a minute are taken of this caller", wait);

    /// <summary>
    /// Each limit that there is: its name, how many a minute, how many are left, and in how many seconds all are there again.
    /// </summary>
    public IEnumerable<(string Name, int PerMinute, int Left, int SecondsUntilFull)> Standing()
    {
        if (_requests is not null)
            yield return Standing(OfRequests, _perMinute.Requests, _requests);
        if (Generations is not null)
            yield return Standing("generations", _perMinute.Generations, Generations);
    }

    private static (string Name, int PerMinute, int Left, int SecondsUntilFull) Standing(string name, int perMinute, TokenBucket bucket)
    {
        var (left, untilFull) = bucket.Read();
        return (name, perMinute, left, (int)Math.Ceiling(untilFull.TotalSeconds));
    }

    private static TokenBucket? BucketOf(int perMinute, TimeProvider time) => perMinute > 0 ? new(perMinute, perMinute / 60d, time) : null;

    internal bool Are(int requestsPerMinute, int generationsPerMinute) => _perMinute == (requestsPerMinute, generationsPerMinute);

    internal static GenApiException Refusal(string sentence, TimeSpan wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        return new(ErrorKind.RateLimited, string.Create(CultureInfo.InvariantCulture, $"{sentence}; there is room again in {seconds} s."))
        {
            RetryAfter = TimeSpan.FromSeconds(seconds),
            IsTransient = true,
        };
    }
}
