using System.Globalization;
using GenApi.Core.Errors;
using GenApi.Core.RateLimiting;

namespace GenApi.Core.Accounts.RateLimits;

/// <summary>
/// Limits the rate of a caller's requests and generations. The counts are in memory only: after a restart, every caller has a full minute's
/// allowance again. Instances that share a database divide the limit evenly, and each allows at least one at once.
/// </summary>
public sealed class CallerLimits
{
    /// <summary>As fast as can be.</summary>
    public static readonly CallerLimits None = new(0, 0, TimeProvider.System);

    /// <summary>The name of the limit on requests.</summary>
    public const string OfRequests = "requests";

    private readonly (int Requests, int Generations) _perMinute;
    private readonly TokenBucket? _requests;

    internal CallerLimits(int requestsPerMinute, int generationsPerMinute, TimeProvider time, int instances = 1)
    {
        _perMinute = (requestsPerMinute, generationsPerMinute);
        _requests = BucketOf(requestsPerMinute, time, instances);
        Generations = BucketOf(generationsPerMinute, time, instances);
    }

    public bool IsNone => _requests is null && Generations is null;

    /// <summary>The bucket for new generations, which excludes answers from the store and joined runs; null: no limit.</summary>
    internal TokenBucket? Generations { get; }

    /// <summary>The limit of <see cref="Generations"/> for all instances together; 0: none.</summary>
    internal int GenerationsPerMinute => _perMinute.Generations;

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

    private static TokenBucket? BucketOf(int perMinute, TimeProvider time, int instances) =>
        perMinute > 0 ? new(Math.Max(1, (double)perMinute / instances), perMinute / 60d / instances, time) : null;

    /// <summary>Divides the limits among so many instances from now on. What was used stays used, in proportion.</summary>
    internal void ShareAmong(int instances)
    {
        _requests?.Rescale(Math.Max(1, (double)_perMinute.Requests / instances), _perMinute.Requests / 60d / instances);
        Generations?.Rescale(Math.Max(1, (double)_perMinute.Generations / instances), _perMinute.Generations / 60d / instances);
    }

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
