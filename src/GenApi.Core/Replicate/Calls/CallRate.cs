namespace GenApi.Core.Replicate.Calls;

/// <summary>How fast calls may follow each other.</summary>
/// <param name="AtOnce">Calls that may go together after a rest.</param>
/// <param name="PerSecond">How fast the right to make one comes back.</param>
internal readonly record struct CallRate(double AtOnce, double PerSecond)
{
    /// <summary>It is what the upstream left to an account low on credit.</summary>
    public bool IsReduced { get; private init; }

    /// <summary>A tenth: short bursts are tolerated (api documentation), and who comes alone need not wait.</summary>
    private const int BurstShare = 10;

    /// <summary>The upstream counts by its own clock, and a call can travel faster than the one before it.</summary>
    private const double Margin = 1.02;

    /// <summary>A tenth may go at once and the rest comes evenly, so that no minute, wherever it begins, sees more than the limit.</summary>
    public static CallRate Within(int perMinute)
    {
        var atOnce = Math.Max(1, perMinute / BurstShare);
        return new CallRate(atOnce, Math.Max(perMinute - atOnce, perMinute / 2d) / 60);
    }

    /// <summary>One, and then each a little later than the upstream says it may come.</summary>
    public static CallRate OneByOne(int perMinute) => new(1, perMinute / 60d / Margin) { IsReduced = true };
}
