using GenApi.Core.Errors;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Polling;

/// <summary>
/// Starting or processing: looks at the prediction at a well-chosen moment and takes the row along; passes a cancel on; ends what outlasts its
/// deadline.
/// </summary>
internal sealed partial class PollStep(
    GenerationStateWriter saves, PredictionPoller watch, PollSchedule pace, EndStep end, ILogger<PollStep> logger)
{
    /// <summary>Now and then a prediction just made is not found for a moment (replicate-javascript 68 and 74).</summary>
    private const int MostNotFounds = 4;

    private const int MostCancels = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        var generation = run.Generation;
        if (run.TakeHeard() is { } heard && heard.Id == generation.PredictionId && run.News is not { IsTerminal: true })
            run.News = heard;
        if (!run.IsPaced && run.News is null)
        {
            // A prediction just made is not looked at before it can have ended.
            run.IsPaced = true;
            return await pace.UntilNextLookAsync(run, stopping);
        }
        var isOverdue = run.Now > run.Deadline;
        if (generation.CancelRequestedAt is not null || isOverdue)
            await CancelUpstreamAsync(run, stopping);
        Prediction prediction;
        try
        {
            // Past the deadline it is asked for by itself: a row of the list may lack the files, which are then taken whatever the status says.
            prediction = run.News ?? (isOverdue
                ? await watch.Replicate.GetAsync(generation.PredictionId!, stopping)
                : await watch.LookAsync(run, pace.IsWatched(generation), stopping));
        }
        catch (GenApiException fault)
        {
            return await NotToldAsync(run, fault, stopping);
        }
        run.News = null;
        run.PredictionCreatedAt = prediction.CreatedAt ?? run.PredictionCreatedAt;
        run.Looks++;
        run.Failures = run.NotFounds = 0;

        if (prediction.IsTerminal)
        {
            await end.EndAsync(run, prediction, stopping);
            return TimeSpan.Zero;
        }
        if (run.Now > run.Deadline + EndStep.Grace)
        {
            await end.OverdueAsync(run, prediction, stopping);
            return TimeSpan.Zero;
        }
        var progress = PredictionLog.Parse(prediction.Logs);
        var isRunning = prediction.Status == PredictionStatus.Processing;
        var isCold = isRunning ? await pace.SeenRunningAsync(generation, EndStep.Starting(run, prediction), stopping) : null;
        run.Generation = await saves.SaveAsync(generation, row => row.Observe(
            isRunning, EndStep.StartedAt(run, prediction), isCold, prediction.Logs,
            progress is null ? null : (progress.Current, progress.Total)), null, stopping);
        // A cancel asked for while we looked is passed on at once.
        if (run.Generation.CancelRequestedAt is not null && run.CancelAttempts == 0)
            return TimeSpan.Zero;
        return await pace.UntilNextLookAsync(run, stopping);
    }

    private async Task CancelUpstreamAsync(GenerationRun run, CancellationToken stopping)
    {
        if (run.MayBeOthers || run.CancelAttempts >= MostCancels)
            return;
        run.CancelAttempts++;
        try
        {
            var prediction = await watch.Replicate.CancelAsync(run.Generation.PredictionId!, stopping);
            run.News = prediction.IsTerminal ? prediction : null;
            run.CancelAttempts = MostCancels;
        }
        catch (GenApiException fault)
        {
            // Looking goes on in any case, and shows what became of it.
            Log.CancelFailed(logger, run.Generation.PublicId, fault);
        }
    }

    private async Task<TimeSpan> NotToldAsync(GenerationRun run, GenApiException fault, CancellationToken stopping)
    {
        if (ReplicateFaults.WasHeldBack(fault))
        {
            // It was not asked, so even past the deadline nothing is given up: its files may be there when the upstream answers again.
            var later = run.Backoff(FirstPause, LongestPause);
            return fault.RetryAfter > later ? fault.RetryAfter.Value : later;
        }
        var now = run.Now;
        if (fault.Kind == ErrorKind.NotFound && ++run.NotFounds >= MostNotFounds)
        {
            Log.Forgotten(logger, run.Generation.PublicId);
            run.NotFounds = 0;
            run.Generation = await saves.SaveAsync(run.Generation, row =>
            {
                if (row.CancelRequestedAt is not null)
                    row.MarkCanceled(now);
                else if (row.Upstream == ReplicateUpstream.SandboxName)
                    row.MarkNotSubmitted();
                else
                    row.MarkFailed(ErrorKind.UpstreamFailed, "The upstream no longer knows the prediction.", now);
            }, stopping);
            return TimeSpan.Zero;
        }
        if (now > run.Deadline + EndStep.Grace)
        {
            run.Generation = await saves.SaveAsync(run.Generation, row =>
            {
                if (row.CancelRequestedAt is not null)
                    row.MarkCanceled(now);
                else
                    row.MarkFailed(ErrorKind.UpstreamTimeout, "The upstream did not tell in time how the run ended.", now);
            }, stopping);
            return TimeSpan.Zero;
        }
        Log.NotTold(logger, run.Generation.PublicId, fault.Code);
        return run.Backoff(fault.RetryAfter, FirstPause, LongestPause);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The upstream did not take the cancel of {GenerationId}")]
        public static partial void CancelFailed(ILogger logger, string generationId, Exception fault);

        [LoggerMessage(2, LogLevel.Warning, "The upstream does not know the prediction of {GenerationId}")]
        public static partial void Forgotten(ILogger logger, string generationId);

        [LoggerMessage(3, LogLevel.Information, "The upstream did not tell how {GenerationId} is doing: {Code}")]
        public static partial void NotTold(ILogger logger, string generationId, string code);
    }
}
