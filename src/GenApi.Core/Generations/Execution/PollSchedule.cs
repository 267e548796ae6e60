using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Schedules the polls of a running prediction: few before this model's runs usually end, then many, then ever fewer. The history is that
/// of the model's last runs.
/// </summary>
internal sealed class PollSchedule(
    ModelTimes times, GenerationSignals signals, GenerationChanges changes, ListenersElsewhere elsewhere, InFlightLimit limit,
    SteadyClock clock)
{
    private const double Growth = 1.4;

    /// <summary>
    /// With more in flight, a stream that follows all generations makes no polls more frequent: one page left open must not use up the
    /// upstream's calls.
    /// </summary>
    private const int MostFollowed = 30;

    private static readonly TimeSpan Closest = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan FirstUnknown = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan NetDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestNet = TimeSpan.FromSeconds(60);

    /// <summary>The time of a cold start and a slow model: with a webhook on its way, a poll has time.</summary>
    private static readonly TimeSpan UsualWhenUnknown = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The longest pause while somebody watches the progress. Replicate's own clients poll twice a second, and its documentation advises
    /// one to two seconds.
    /// </summary>
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(1);

    /// <returns>How long to wait from now until the next poll.</returns>
    public async Task<TimeSpan> UntilNextPollAsync(GenerationRun run, CancellationToken cancellationToken)
    {
        var generation = run.Generation;
        var history = await times.HistoryAsync(generation.Model, generation.Version, cancellationToken);
        var elapsed = run.Now - generation.AcceptedAt!.Value;
        var pause = run.ExpectsWebhook ? WithWebhook(history.Ends?.Usual ?? UsualWhenUnknown, elapsed, run)
            : history.Ends is { } range ? WithHistory(range, elapsed, run) : WithoutHistory(run.Polls);
        return pause > Watched && IsWatched(generation) ? Watched : pause;
    }

    /// <summary>Returns whether a caller follows the progress and not only the end.</summary>
    public bool IsWatched(Generation generation) =>
        generation.Listeners.HasFlag(WebhookEvents.Progress) || signals.IsWatched(generation.Id)
        || (limit.Count <= MostFollowed && (changes.IsFollowed(generation.OwnerId) || elsewhere.Follow(generation.OwnerId)));

    /// <summary>Records that a poll has shown the model at work.</summary>
    /// <returns>Whether it was a cold start; null when <paramref name="starting"/> is not known.</returns>
    public async ValueTask<bool?> SeenRunningAsync(Generation generation, TimeSpan? starting, CancellationToken cancellationToken)
    {
        var history = await times.HistoryAsync(generation.Model, generation.Version, cancellationToken);
        history.SeenRunning(clock.Now);
        return starting is { } span ? history.IsCold(span) : null;
    }

    /// <summary>Takes steps that grow with the waiting, so that the end of any run is noticed within a fraction of its length.</summary>
    private static TimeSpan WithoutHistory(int polls) => Shorter(FirstUnknown * Math.Pow(Growth, polls), Longest);

    private static TimeSpan WithHistory((TimeSpan Soonest, TimeSpan Usual) range, TimeSpan elapsed, GenerationRun run)
    {
        // One poll just before the soonest end seen, and one after a quarter of the usual run, which shows a failure or a cold start early.
        var opens = range.Soonest * 0.98;
        if (elapsed < opens)
        {
            var early = range.Usual / 4;
            return run.Polls == 0 && early > TimeSpan.FromMilliseconds(500) ? Shorter(early, opens - elapsed) : opens - elapsed;
        }
        // From there a step is 3 % of the usual run (120 ms at 4 s), growing as the run outlasts its kind.
        var step = Longer(range.Usual * 0.03, Closest);
        return Shorter(step * Math.Pow(Growth, Math.Max(0, run.LatePolls++ - 2)), Longest);
    }

    /// <summary>
    /// A webhook reports the end, and polls are the net for one that is lost. The first comes 5 s after such a run usually ends. The others
    /// follow 5, 10, 20, 40 and then 60 s apart, and one comes at the deadline.
    /// </summary>
    private static TimeSpan WithWebhook(TimeSpan usual, TimeSpan elapsed, GenerationRun run)
    {
        var first = usual + NetDelay - elapsed;
        var pause = first > TimeSpan.Zero ? first : Shorter(NetDelay * Math.Pow(2, run.LatePolls++), LongestNet);
        return run.Deadline is { } deadline ? Shorter(pause, Longer(deadline - run.Now, NetDelay)) : pause;
    }

    /// <summary>
    /// The length of a run: the upstream's own figure where it gives one, 0 included. Ours contains the wait until the poll, so a history
    /// of it would never become shorter again.
    /// </summary>
    public static TimeSpan Duration(DateTimeOffset acceptedAt, DateTimeOffset seenAt, double? upstreamSeconds)
    {
        var seen = seenAt - acceptedAt;
        return upstreamSeconds is >= 0 ? Shorter(TimeSpan.FromSeconds(upstreamSeconds.Value), seen) : seen;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
