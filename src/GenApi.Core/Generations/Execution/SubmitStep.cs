using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Images.Library;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Queued: sends the input files, waits for the right to create, saves the intent, sends the one POST, saves the prediction's id. A creation costs
/// money and Replicate knows no idempotency key, so it is sent again only where it surely made nothing. The right comes before the intent, so that
/// one on the disk is never older than its POST, however long the limits made it wait.
/// </summary>
internal sealed partial class SubmitStep(
    GenerationStateWriter saves, ReplicateClient replicate, RunFiles files, StoreGate gate, IOptions<GenerationOptions> options, ILogger<SubmitStep> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        // Files can take minutes, and rights that lie about would let creations come together later: then the right is given back, and another waited for.
        if (run.Generation.InputFiles is not null)
            run.DropRight();
        JsonElement input;
        try
        {
            // Before the intent: sending a file costs nothing and may be repeated, so a crash in the middle of it leaves nothing to look for.
            input = await files.ToSendAsync(run.Generation, stopping);
        }
        catch (GenApiException fault)
        {
            return await FilesNotSentAsync(run, fault, stopping);
        }
        using var right = run.TakeRight() ?? await replicate.WaitToCreateAsync(stopping);
        if (gate.Fault is { } gone)
        {
            // It costs money from here on, and there is no place for the picture. The row stays as it is; nothing was sent.
            Log.StoreGone(logger, run.Generation.PublicId, gone.Message);
            return run.Backoff(FirstPause, LongestPause);
        }
        var longest = TimeSpan.FromSeconds(options.Value.MaxRunSeconds);
        var now = run.Now;
        run.SentAt = now;
        run.Generation = await saves.SaveAsync(run.Generation, row =>
        {
            if (row.CancelRequestedAt is null)
                row.MarkSubmitting(now, replicate.Clock.Correct(now, now), longest);
            else
                row.MarkCanceled(run.Now);
        }, stopping);
        if (run.Generation.Status.IsTerminal())
            return TimeSpan.Zero;

        var creation = Creation(run.Generation, input);
        Prediction prediction;
        try
        {
            // Not ended when a shutdown begins: an answer that is on its way is better than one that must be looked for. Only when its time is over.
            prediction = await replicate.CreateAsync(creation, right, run.Abandoned);
        }
        catch (GenApiException fault) when (fault.MayHaveHappened)
        {
            Log.AnswerNotSeen(logger, run.Generation.PublicId, fault);
            run.Doubt = fault;
            return TimeSpan.Zero;
        }
        catch (GenApiException fault) when (fault.Kind == ErrorKind.UpstreamRateLimited)
        {
            await PutBackAsync(run, stopping);
            return TimeSpan.Zero;
        }
        catch (GenApiException fault)
        {
            return await RefusedAsync(run, fault, stopping);
        }

        // The search of an identical request may have taken it in the moment before; then the other one's is left for this one to find.
        if (!await saves.ClaimAsync(run, prediction.Id, row => row.MarkAccepted(prediction.Id, run.Now), stopping))
        {
            run.Doubt = new GenApiException(ErrorKind.UpstreamBadAnswer, "The upstream answered with the prediction of another generation.");
            return TimeSpan.Zero;
        }
        run.Failures = 0;
        run.IsTold = creation.Webhook is not null;
        run.PredictionCreatedAt = prediction.CreatedAt;
        run.News = prediction.IsTerminal ? prediction : null;
        return TimeSpan.Zero;
    }

    private NewPrediction Creation(Generation generation, JsonElement input)
    {
        var longest = TimeSpan.FromSeconds(generation.CancelAfterSeconds!.Value);
        var name = generation.Model.IndexOf('/', StringComparison.Ordinal);
        return new NewPrediction(generation.Model[..name], generation.Model[(name + 1)..], generation.Version, input, longest, saves.News.AddressOf(generation));
    }

    private async Task<TimeSpan> FilesNotSentAsync(GenerationRun run, GenApiException fault, CancellationToken stopping)
    {
        var pause = run.Backoff(fault.RetryAfter, FirstPause, LongestPause);
        var mayAgain = MayAgain(run, fault, pause);
        Log.FilesNotSent(logger, run.Generation.PublicId, fault.Code, mayAgain, fault);
        run.Generation = await saves.SaveAsync(run.Generation, row =>
        {
            if (row.CancelRequestedAt is not null)
                row.MarkCanceled(run.Now);
            else if (!mayAgain)
                row.MarkFailed(fault.Kind, fault.Message, run.Now);
            return row.Status.IsTerminal();
        }, null, stopping);
        return pause;
    }

    /// <summary>Being asked to slow down is no failure, however long it lasts.</summary>
    private bool MayAgain(GenerationRun run, GenApiException fault, TimeSpan pause) =>
        fault.Kind == ErrorKind.UpstreamRateLimited
        || fault.IsTransient && run.Now + pause < run.TakenUpAt + TimeSpan.FromSeconds(options.Value.SubmitPatienceSeconds);

    /// <summary>The gate holds the next creations up, and this one has its turn again.</summary>
    private async Task PutBackAsync(GenerationRun run, CancellationToken stopping)
    {
        Log.PutBack(logger, run.Generation.PublicId);
        run.Generation = await saves.SaveSurelyAsync(run.Generation, row =>
        {
            if (row.CancelRequestedAt is null)
                row.PutBack();
            else
                row.MarkCanceled(run.Now);
        }, stopping);
    }

    private async Task<TimeSpan> RefusedAsync(GenerationRun run, GenApiException fault, CancellationToken stopping)
    {
        var pause = run.Backoff(fault.RetryAfter, FirstPause, LongestPause);
        var mayAgain = MayAgain(run, fault, pause);
        Log.Refused(logger, run.Generation.PublicId, fault.Code, mayAgain);
        run.Generation = await saves.SaveSurelyAsync(run.Generation, row =>
        {
            row.MarkNotSubmitted();
            if (!mayAgain)
                row.MarkRefused(fault, run.Now);
        }, stopping);
        return mayAgain ? pause : TimeSpan.Zero;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The answer to the creation of {GenerationId} was not seen; looking for the prediction instead of sending it again")]
        public static partial void AnswerNotSeen(ILogger logger, string generationId, Exception fault);

        [LoggerMessage(2, LogLevel.Warning, "The upstream refused {GenerationId}: {Code}; trying again: {MayAgain}")]
        public static partial void Refused(ILogger logger, string generationId, string code, bool mayAgain);

        [LoggerMessage(3, LogLevel.Warning, "The input files of {GenerationId} could not be sent to the upstream: {Code}; trying again: {MayAgain}")]
        public static partial void FilesNotSent(ILogger logger, string generationId, string code, bool mayAgain, Exception fault);

        [LoggerMessage(4, LogLevel.Information, "The upstream asks us to slow down; {GenerationId} waits for its turn again")]
        public static partial void PutBack(ILogger logger, string generationId);

        [LoggerMessage(5, LogLevel.Warning, "{GenerationId} is not sent while the store can't keep its picture: {Reason}")]
        public static partial void StoreGone(ILogger logger, string generationId, string reason);
    }
}
