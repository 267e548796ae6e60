using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations;

/// <summary>
/// Starting or processing: looks at the prediction at a well-chosen moment and takes the row along; passes a cancel on; ends what outlasts its
/// deadline.
/// </summary>
internal sealed partial class LookStep(
    GenerationSaves saves, ReplicateClient replicate, ModelPace pace, GenerationSignals signals, ILogger<LookStep> logger)
{
    /// <summary>Now and then a prediction just made is not found for a moment (replicate-javascript 68 and 74).</summary>
    private const int MostNotFounds = 4;

    private const int MostCancels = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>The upstream ends the run at the same deadline by itself, so its word is worth waiting for this much longer.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time = saves.Time;

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        var generation = run.Generation;
        if (!run.IsPaced && run.News is null)
        {
            // A prediction just made is not looked at before it can have ended.
            run.IsPaced = true;
            return await pace.UntilNextLookAsync(run, _time.GetUtcNow(), signals.IsWatched(generation.Id), stopping);
        }
        var isOverdue = _time.GetUtcNow() > generation.DeadlineAt;
        if (generation.CancelRequestedAt is not null || isOverdue)
            await CancelUpstreamAsync(run, stopping);
        Prediction prediction;
        try
        {
            prediction = run.News ?? await replicate.GetAsync(generation.PredictionId!, stopping);
        }
        catch (GenApiException fault)
        {
            return await NotToldAsync(run, fault, stopping);
        }
        run.News = null;
        run.Looks++;
        run.Failures = run.NotFounds = 0;

        if (prediction.IsTerminal)
        {
            await EndAsync(run, prediction, stopping);
            return TimeSpan.Zero;
        }
        if (_time.GetUtcNow() > generation.DeadlineAt + Grace)
        {
            await OverdueAsync(run, prediction, stopping);
            return TimeSpan.Zero;
        }
        var progress = PredictionLog.Parse(prediction.Logs);
        run.Generation = await saves.SaveAsync(generation, row => row.Observe(
            prediction.Status == PredictionStatus.Processing, prediction.StartedAt, prediction.Logs,
            progress is null ? null : (progress.Current, progress.Total)), null, stopping);
        // A cancel asked for while we looked is passed on at once.
        if (run.Generation.CancelRequestedAt is not null && run.CancelAttempts == 0)
            return TimeSpan.Zero;
        return await pace.UntilNextLookAsync(run, _time.GetUtcNow(), signals.IsWatched(generation.Id), stopping);
    }

    private async Task CancelUpstreamAsync(GenerationRun run, CancellationToken stopping)
    {
        if (run.CancelAttempts >= MostCancels)
            return;
        run.CancelAttempts++;
        try
        {
            var prediction = await replicate.CancelAsync(run.Generation.PredictionId!, stopping);
            run.News = prediction.IsTerminal ? prediction : null;
            run.CancelAttempts = MostCancels;
        }
        catch (GenApiException fault)
        {
            // Looking goes on in any case, and shows what became of it.
            Log.CancelFailed(logger, run.Generation.Id, fault);
        }
    }

    private async Task EndAsync(GenerationRun run, Prediction prediction, CancellationToken stopping)
    {
        var now = _time.GetUtcNow();
        var generation = run.Generation;
        var ran = new Ran(prediction.PredictSeconds, prediction.TotalSeconds, prediction.StartedAt);
        var outputs = prediction.Status == PredictionStatus.Succeeded ? PredictionOutput.Collect(prediction.Output) : [];
        if (outputs.Count > 0 && generation.AcceptedAt is { } accepted)
            pace.Add(generation.Model, ModelPace.Took(accepted, now, prediction.TotalSeconds));

        run.Generation = await saves.SaveAsync(generation, row =>
        {
            if (row.CancelRequestedAt is not null)
                row.MarkCanceled(now, prediction.Logs, ran);
            else if (outputs.Count > 0)
                row.MarkStoring(outputs, prediction.Logs, ran, now);
            else
            {
                var (kind, message) = Verdict(row, prediction, now);
                row.MarkFailed(kind, message, now, prediction.Logs, ran);
            }
        }, stopping);
    }

    private static (ErrorKind Kind, string Message) Verdict(Generation row, Prediction prediction, DateTimeOffset now) => prediction.Status switch
    {
        PredictionStatus.Succeeded when prediction.DataRemoved =>
            (ErrorKind.UpstreamNoOutput, "The model succeeded, but the upstream had removed its files before they could be fetched."),
        PredictionStatus.Succeeded => (ErrorKind.UpstreamNoOutput, "The model succeeded without a file."),
        PredictionStatus.Failed => UpstreamVerdict.Of(prediction.Error, prediction.Logs),
        _ when row.DeadlineAt is { } deadline && now >= deadline - Grace => (ErrorKind.UpstreamTimeout, "The run did not end in the time allowed."),
        PredictionStatus.Aborted => (ErrorKind.UpstreamFailed, "The upstream ended the run before it started."),
        _ => (ErrorKind.UpstreamFailed, "The run was canceled at the upstream by somebody else."),
    };

    /// <summary>Past the deadline the files of a run that never says it ended are taken if they are there: they are paid for.</summary>
    private async Task OverdueAsync(GenerationRun run, Prediction prediction, CancellationToken stopping)
    {
        var now = _time.GetUtcNow();
        var outputs = PredictionOutput.Collect(prediction.Output);
        run.Generation = await saves.SaveAsync(run.Generation, row =>
        {
            var ran = new Ran(prediction.PredictSeconds, prediction.TotalSeconds, prediction.StartedAt);
            if (row.CancelRequestedAt is not null)
                row.MarkCanceled(now, prediction.Logs, ran);
            else if (outputs.Count > 0)
                row.MarkStoring(outputs, prediction.Logs, ran, now);
            else
                row.MarkFailed(ErrorKind.UpstreamTimeout, "The run did not end in the time allowed.", now, prediction.Logs, ran);
        }, stopping);
    }

    private async Task<TimeSpan> NotToldAsync(GenerationRun run, GenApiException fault, CancellationToken stopping)
    {
        var now = _time.GetUtcNow();
        if (fault.Kind == ErrorKind.NotFound && ++run.NotFounds >= MostNotFounds)
        {
            Log.Forgotten(logger, run.Generation.Id);
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
        if (now > run.Generation.DeadlineAt + Grace)
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
        Log.NotTold(logger, run.Generation.Id, fault.Code);
        return fault.RetryAfter ?? run.Backoff(FirstPause, LongestPause);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The upstream did not take the cancel of {Id}")]
        public static partial void CancelFailed(ILogger logger, Guid id, Exception fault);

        [LoggerMessage(2, LogLevel.Warning, "The upstream does not know the prediction of {Id}")]
        public static partial void Forgotten(ILogger logger, Guid id);

        [LoggerMessage(3, LogLevel.Information, "The upstream did not tell how {Id} is doing: {Code}")]
        public static partial void NotTold(ILogger logger, Guid id, string code);
    }
}
