using GenApi.Core.Errors;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Polling;

/// <summary>
/// Polls the prediction of a generation that is Starting or Processing, on its schedule, and updates the row. It also passes a cancel on,
/// and ends what outlasts its deadline.
/// </summary>
internal sealed partial class PollStep(
    GenerationStateWriter states, ReplicateClient replicate, PredictionPoller poller, PollSchedule schedule, EndStep end,
    ILogger<PollStep> logger)
{
    /// <summary>Sometimes a prediction just made is not found for a moment (replicate-javascript 68 and 74).</summary>
    private const int MostNotFounds = 4;

    private const int MostCancels = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        var generation = run.Generation;
        if (run.ClaimReceived() is { } received && received.Id == generation.PredictionId
            && run.FreshPrediction is not { IsTerminal: true })
            run.FreshPrediction = received;
        if (!run.IsFirstPollScheduled && run.FreshPrediction is null)
        {
            // A prediction just made is not polled before it can have ended.
            run.IsFirstPollScheduled = true;
            return await schedule.UntilNextPollAsync(run, stopping);
        }
        var isOverdue = run.Now > run.Deadline;
        if (generation.CancelRequestedAt is not null || isOverdue)
            await CancelUpstreamAsync(run, stopping);
        Prediction prediction;
        try
        {
            // Past the deadline it is read separately: a row of the list may lack the files, which are then stored whatever the status
            // says.
            prediction = run.FreshPrediction ?? (isOverdue
                ? await replicate.GetAsync(generation.PredictionId!, stopping)
                : await poller.PollAsync(run, schedule.IsWatched(generation), stopping));
        }
        catch (GenApiException fault)
        {
            return await NotReadAsync(run, fault, stopping);
        }
        run.FreshPrediction = null;
        run.PredictionCreatedAt = prediction.CreatedAt ?? run.PredictionCreatedAt;
        run.Polls++;
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
        var isCold = isRunning ? await schedule.SeenRunningAsync(generation, EndStep.Starting(run, prediction), stopping) : null;
        run.Generation = await states.SaveAsync(generation, row => row.Observe(
            isRunning, EndStep.StartedAt(run, prediction), isCold, prediction.Logs,
            progress is null ? null : (progress.Current, progress.Total)), null, stopping);
        // A cancel that came during the poll is passed on at once.
        if (run.Generation.CancelRequestedAt is not null && run.CancelAttempts == 0)
            return TimeSpan.Zero;
        return await schedule.UntilNextPollAsync(run, stopping);
    }

    private async Task CancelUpstreamAsync(GenerationRun run, CancellationToken stopping)
    {
        if (run.MayBeOthers || run.CancelAttempts >= MostCancels)
            return;
        run.CancelAttempts++;
        try
        {
            var prediction = await replicate.CancelAsync(run.Generation.PredictionId!, stopping);
            run.FreshPrediction = prediction.IsTerminal ? prediction : null;
            run.CancelAttempts = MostCancels;
        }
        catch (GenApiException fault)
        {
            // Polling goes on in any case, and shows what became of it.
            Log.CancelFailed(logger, run.Generation.PublicId, fault);
        }
    }

    private async Task<TimeSpan> NotReadAsync(GenerationRun run, GenApiException fault, CancellationToken stopping)
    {
        if (ReplicateFaults.WasHeldBack(fault))
        {
            // The call was not made, so nothing is given up even past the deadline: the files may be there when the upstream answers again.
            var later = run.Backoff(FirstPause, LongestPause);
            return fault.RetryAfter > later ? fault.RetryAfter.Value : later;
        }
        var now = run.Now;
        if (fault.Kind == ErrorKind.NotFound && ++run.NotFounds >= MostNotFounds)
        {
            Log.Forgotten(logger, run.Generation.PublicId);
            run.NotFounds = 0;
            run.Generation = await states.SaveAsync(run.Generation, row =>
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
            run.Generation = await states.SaveAsync(run.Generation, row =>
            {
                if (row.CancelRequestedAt is not null)
                    row.MarkCanceled(now);
                else
                    row.MarkFailed(ErrorKind.UpstreamTimeout, "The upstream did not report in time how the run ended.", now);
            }, stopping);
            return TimeSpan.Zero;
        }
        Log.NotRead(logger, run.Generation.PublicId, fault.Code);
        return run.Backoff(fault.RetryAfter, FirstPause, LongestPause);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The upstream did not accept the cancel of {GenerationId}")]
        public static partial void CancelFailed(ILogger logger, string generationId, Exception fault);

        [LoggerMessage(2, LogLevel.Warning, "The upstream does not know the prediction of {GenerationId}")]
        public static partial void Forgotten(ILogger logger, string generationId);

        [LoggerMessage(3, LogLevel.Information, "The upstream did not report the state of {GenerationId}: {Code}")]
        public static partial void NotRead(ILogger logger, string generationId, string code);
    }
}
