namespace GenApi.Core.Webhooks;

/// <summary>When a delivery is tried. The pauses are those that Standard Webhooks recommends, 75 hours in all.</summary>
internal static class WebhookSchedule
{
    /// <summary>So much longer at most, so that what failed together does not come back together.</summary>
    public const double Jitter = 0.1;

    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(5),
        TimeSpan.FromHours(10),
        TimeSpan.FromHours(14),
        TimeSpan.FromHours(20),
        TimeSpan.FromHours(24),
    ];

    /// <summary>News that the next one makes old: a second try, and no more.</summary>
    private const int PausesOfPassing = 1;

    /// <summary>Attempts of the longest schedule that a next one follows.</summary>
    public static int MostTries => Pauses.Length;

    /// <summary>How far ahead the next attempt can lie after so many; none has been made: it is due.</summary>
    public static TimeSpan LongestAfter(int tries) => tries == 0 ? TimeSpan.Zero : Pauses[tries - 1] * (1 + Jitter);

    /// <param name="what">Only the end is worth the whole schedule.</param>
    /// <param name="tries">Made so far, at least one.</param>
    /// <returns>Null: it is given up.</returns>
    public static TimeSpan? PauseAfter(WebhookEvents what, int tries)
    {
        var pauses = what == WebhookEvents.Completed ? Pauses.Length : PausesOfPassing;
        return tries <= pauses ? Pauses[tries - 1] * (1 + Random.Shared.NextDouble() * Jitter) : null;
    }
}
