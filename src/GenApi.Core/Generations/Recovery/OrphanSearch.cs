using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Recovery;

/// <summary>
/// Resolves a generation that is uncertain: a creation was sent and its answer never seen, because of a reset or because our process died.
/// <see cref="OrphanFinder"/> searches for the prediction among those that the upstream lists since then. Only when it is not there after
/// the settling time was nothing made.
/// </summary>
internal sealed partial class OrphanSearch(
    GenerationStateWriter states, OrphanFinder finder, UpstreamClock upstreamClock, ICluster cluster,
    IOptions<GenerationOptions> options, ILogger<OrphanSearch> logger)
{
    /// <summary>An upstream that loses this many answers, each surely without a prediction, is out of order.</summary>
    private const int MostAttempts = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        var generation = run.Generation;
        var since = Since(run);
        var settled = SettledAt(run);
        var asked = run.Now;
        OrphanFinding finding;
        try
        {
            finding = await finder.FindAsync(generation, since, asked >= settled, stopping);
        }
        catch (GenApiException fault) when (asked < run.Deadline || ReplicateFaults.WasHeldBack(fault))
        {
            // Whatever the reason, no answer is not a "no".
            Log.CannotAsk(logger, generation.PublicId, fault);
            return run.Backoff(fault.RetryAfter, FirstPause, LongestPause);
        }
        catch (GenApiException fault)
        {
            Log.CannotAsk(logger, generation.PublicId, fault);
            return await NotLearnedAsync(run, stopping);
        }

        if (finding.Prediction is { } found)
            return await FoundAsync(run, found, stopping);
        if (finding.Fate == OrphanFate.Unclear && asked >= settled)
        {
            Log.Unclear(logger, generation.PublicId);
            return asked < run.Deadline ? run.Backoff(FirstPause, LongestPause) : await NotLearnedAsync(run, stopping);
        }
        if (asked < settled)
        {
            var pause = run.Backoff(FirstPause, LongestPause);
            return asked + pause < settled ? pause : settled - asked;
        }
        return await NothingWasMadeAsync(run, stopping);
    }

    /// <summary>
    /// The time from which on a list that does not show it proves that it was never made. If an earlier process sent it, nobody knows how
    /// long ago: the clock may have been set since. If another instance did, that one may live on and only have been cut off, with its
    /// call under way for as long as such a call may last.
    /// </summary>
    private DateTimeOffset SettledAt(GenerationRun run)
    {
        var settling = TimeSpan.FromSeconds(options.Value.SettleSeconds);
        return run.SentAt is { } sent ? sent + settling
            : run.ClaimedAt + settling + (cluster.IsShared ? ReplicateClient.CreateTimeout : TimeSpan.Zero);
    }

    /// <summary>
    /// The earliest time at which it may have been made, by the upstream's clock. If this process sent it, the time since then decides,
    /// however wrong our clock is or was. Otherwise the row decides, which may be earlier.
    /// </summary>
    private DateTimeOffset Since(GenerationRun run)
    {
        var stamp = run.Generation.SubmittingAt!.Value;
        return run.SentAt is { } sent && upstreamClock.Correct(sent, run.Now) is var made && made < stamp ? made : stamp;
    }

    private async Task<TimeSpan> FoundAsync(GenerationRun run, Prediction found, CancellationToken stopping)
    {
        var generation = run.Generation;
        if (!await states.ClaimAsync(run, found.Id, row => row.MarkAccepted(found.Id, run.Now), stopping))
            return run.Backoff(FirstPause, LongestPause);
        run.Failures = 0;
        run.FreshPrediction = found.IsTerminal ? found : null;
        run.MayBeOthers = !finder.IsMarked(generation, found);
        if (run.MayBeOthers)
            Log.FoundByInput(logger, generation.PublicId, found.Id);
        else
            Log.Found(logger, generation.PublicId, found.Id);
        return TimeSpan.Zero;
    }

    private async Task<TimeSpan> NotLearnedAsync(GenerationRun run, CancellationToken stopping)
    {
        const string message = "What became of the request could not be learned from the upstream in time.";
        await FailAsync(run, ErrorKind.UpstreamTimeout, message, nothingWasMade: false, stopping);
        return TimeSpan.Zero;
    }

    private async Task<TimeSpan> NothingWasMadeAsync(GenerationRun run, CancellationToken stopping)
    {
        Log.NothingMade(logger, run.Generation.PublicId, run.Generation.Attempts);
        if (run.Generation.CancelRequestedAt is null && run.Generation.Attempts >= MostAttempts)
        {
            var reason = run.UnconfirmedError;
            await FailAsync(
                run, reason?.Kind ?? ErrorKind.UpstreamUnavailable, reason?.Message ?? "The upstream did not accept the request.",
                nothingWasMade: true, stopping);
            return TimeSpan.Zero;
        }
        run.Failures = 0;
        run.Generation = await states.SaveAsync(run.Generation, row => row.MarkNotSubmitted(), stopping);
        return TimeSpan.Zero;
    }

    private async Task FailAsync(GenerationRun run, ErrorKind kind, string message, bool nothingWasMade, CancellationToken stopping) =>
        run.Generation = await states.SaveAsync(run.Generation, row =>
        {
            if (nothingWasMade)
                row.MarkNotSubmitted();
            if (row.CancelRequestedAt is null)
                row.MarkFailed(kind, message, run.Now);
            else
                row.MarkCanceled(run.Now);
        }, stopping);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Can't ask the upstream what became of {GenerationId}")]
        public static partial void CannotAsk(ILogger logger, string generationId, Exception fault);

        [LoggerMessage(2, LogLevel.Information, "Found prediction {PredictionId} of {GenerationId}, whose creation had not been answered")]
        public static partial void Found(ILogger logger, string generationId, string predictionId);

        [LoggerMessage(3, LogLevel.Warning, "The creation of {GenerationId} made nothing at the upstream (attempt {Attempt})")]
        public static partial void NothingMade(ILogger logger, string generationId, int attempt);

        [LoggerMessage(4, LogLevel.Warning, "Found prediction {PredictionId} of {GenerationId} by its input alone, "
            + "so another program that uses this account may have made it; it is not canceled")]
        public static partial void FoundByInput(ILogger logger, string generationId, string predictionId);

        [LoggerMessage(5, LogLevel.Information, "A listed prediction was made by {GenerationId} or by another generation; looking again")]
        public static partial void Unclear(ILogger logger, string generationId);
    }
}
