using GenApi.Core.Generations.Queueing;
using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// When to look at a running prediction: seldom before this model's runs usually end, then closely, then ever more slowly. The history is
/// the model's last runs.
/// </summary>
internal sealed class PollSchedule(ModelTimes times, GenerationSignals signals, SteadyClock clock)
{
    private const double Growth = 1.4;

    private static readonly TimeSpan Closest = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan FirstUnknown = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan NetDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestNet = TimeSpan.FromSeconds(60);

    /// <summary>A cold start and a slow model: with a webhook on its way there is no hurry to look.</summary>
    private static readonly TimeSpan UsualWhenUnknown = TimeSpan.FromSeconds(15);

    /// <summary>Somebody watches the progress: Replicate's own clients look twice a second, its documentation advises one to two seconds.</summary>
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait from now until the next look.</summary>
    public async Task<TimeSpan> UntilNextLookAsync(GenerationRun run, CancellationToken cancellationToken)
    {
        var generation = run.Generation;
        var history = await times.HistoryAsync(generation.Model, generation.Version, cancellationToken);
        var elapsed = run.Now - generation.AcceptedAt!.Value;
        var pause = run.IsTold ? Told(history.Ends?.Usual ?? UsualWhenUnknown, elapsed, run)
            : history.Ends is { } range ? Known(range, elapsed, run) : Unknown(run.Looks);
        return pause > Watched && IsWatched(generation) ? Watched : pause;
    }

    /// <summary>Whether somebody follows the progress and not only the end.</summary>
    public bool IsWatched(Generation generation) => generation.Listeners.HasFlag(WebhookEvents.Progress) || signals.IsWatched(generation.Id);

    /// <summary>A look has shown the model at work.</summary>
    /// <returns>Whether its start was a cold one; null when <paramref name="starting"/> is not known.</returns>
    public async ValueTask<bool?> SeenRunningAsync(Generation generation, TimeSpan? starting, CancellationToken cancellationToken)
    {
        var history = await times.HistoryAsync(generation.Model, generation.Version, cancellationToken);
        history.SeenRunning(clock.Now);
        return starting is { } span ? history.IsCold(span) : null;
    }

    /// <summary>No history: steps that grow with the waiting, so that any run is noticed within a fraction of its own length.</summary>
    private static TimeSpan Unknown(int looks) => Shorter(FirstUnknown * Math.Pow(Growth, looks), Longest);

    private static TimeSpan Known((TimeSpan Soonest, TimeSpan Usual) range, TimeSpan elapsed, GenerationRun run)
    {
        // A look just before the soonest end seen, and until then one a quarter of the way, which shows a failure or a cold start early.
        var opens = range.Soonest * 0.98;
        if (elapsed < opens)
        {
            var early = range.Usual / 4;
            return run.Looks == 0 && early > TimeSpan.FromMilliseconds(500) ? Shorter(early, opens - elapsed) : opens - elapsed;
        }
        // From there a step is 3 % of the usual run (120 ms at 4 s), growing as the run outlasts its kind.
        var step = Longer(range.Usual * 0.03, Closest);
        return Shorter(step * Math.Pow(Growth, Math.Max(0, run.LateLooks++ - 2)), Longest);
    }

    /// <summary>
    /// A webhook tells the end; looks are the net below it, for the one that is lost. The first comes 5 s after such a run has usually ended, those after it
    /// 5, 10, 20, 40 and then 60 s apart, and one at the deadline.
    /// </summary>
    private static TimeSpan Told(TimeSpan usual, TimeSpan elapsed, GenerationRun run)
    {
        var first = usual + NetDelay - elapsed;
        var pause = first > TimeSpan.Zero ? first : Shorter(NetDelay * Math.Pow(2, run.LateLooks++), LongestNet);
        return run.Deadline is { } deadline ? Shorter(pause, Longer(deadline - run.Now, NetDelay)) : pause;
    }

    /// <summary>
    /// The upstream's own figure where it tells one, 0 included; ours contains the wait until we looked, so a history of it would never
    /// become shorter again.
    /// </summary>
    public static TimeSpan Took(DateTimeOffset acceptedAt, DateTimeOffset seenAt, double? upstreamSeconds)
    {
        var seen = seenAt - acceptedAt;
        return upstreamSeconds is >= 0 ? Shorter(TimeSpan.FromSeconds(upstreamSeconds.Value), seen) : seen;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
