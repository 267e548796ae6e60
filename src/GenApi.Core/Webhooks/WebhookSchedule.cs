namespace GenApi.Core.Webhooks;

/// <summary>Schedules the attempts of a delivery. The pauses are those that Standard Webhooks recommends, 75 hours in all.</summary>
internal static class WebhookSchedule
{
    /// <summary>The largest random extension of a pause, so that deliveries that failed together are not retried together.</summary>
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

    /// <summary>The number of pauses for an event that the next one supersedes: it gets a second attempt, and none after that.</summary>
    private const int PausesOfSuperseded = 1;

    /// <summary>The most attempts that are followed by another one.</summary>
    public static int MostTries => Pauses.Length;

    /// <summary>The longest pause after a number of attempts; zero where there was none.</summary>
    public static TimeSpan LongestAfter(int tries) => tries == 0 ? TimeSpan.Zero : Pauses[tries - 1] * (1 + Jitter);

    /// <summary>Chooses the pause before the next attempt.</summary>
    /// <param name="what">The event; only <see cref="WebhookEvents.Completed"/> gets the whole schedule.</param>
    /// <param name="tries">Attempts made so far, at least one.</param>
    /// <returns>Null where the delivery is given up.</returns>
    public static TimeSpan? PauseAfter(WebhookEvents what, int tries)
    {
        var pauses = what == WebhookEvents.Completed ? Pauses.Length : PausesOfSuperseded;
        return tries <= pauses ? Pauses[tries - 1] * (1 + Random.Shared.NextDouble() * Jitter) : null;
    }
}
