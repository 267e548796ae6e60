namespace GenApi.Core.Replicate.Calls;

/// <summary>The rate of calls.</summary>
/// <param name="AtOnce">The calls that may go together after a rest.</param>
/// <param name="PerSecond">The permits that come back each second.</param>
internal readonly record struct CallRate(double AtOnce, double PerSecond)
{
    /// <summary>True if it is the rate that the upstream allows an account low on credit.</summary>
    public bool IsReduced { get; private init; }

    /// <summary>
    /// A burst is a tenth of the limit: Replicate tolerates short bursts (API documentation), and a single call need not wait.
    /// </summary>
    private const int BurstShare = 10;

    /// <summary>The upstream counts by its own clock, and a call can arrive faster than the previous one.</summary>
    private const double Margin = 1.02;

    /// <summary>
    /// A tenth may go at once and the rest comes evenly, so that no minute, wherever it begins, has more calls than the limit.
    /// </summary>
    public static CallRate Within(int perMinute)
    {
        var atOnce = Math.Max(1, perMinute / BurstShare);
        return new CallRate(atOnce, Math.Max(perMinute - atOnce, perMinute / 2d) / 60);
    }

    /// <summary>One call at a time, each a little later than the upstream allows.</summary>
    public static CallRate OneByOne(int perMinute) => new(1, perMinute / 60d / Margin) { IsReduced = true };
}
