using System.Text.Json;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Images.Library;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using GenApi.Core.Webhooks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Sends a queued generation: its input files, then (with a permit to create) the intent to the disk, the one POST, and the prediction's id
/// to the disk. A creation costs money and Replicate knows no idempotency key, so it is sent again only where it surely made nothing. The
/// permit comes before the intent, so an intent on the disk is never older than its POST, however long the limits made it wait.
/// </summary>
internal sealed partial class SubmitStep(
    GenerationStateWriter states, ReplicateClient replicate, UpstreamClock upstreamClock, WebhookAddress webhooks, RunFiles files,
    ICluster cluster, StoreGate gate, IOptions<GenerationOptions> options, ILogger<SubmitStep> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        // With its intent saved, sending it is better than leaving something to look for.
        if (!run.MustSend)
            stopping.ThrowIfCancellationRequested();
        // Files can take minutes, and permits held meanwhile would let creations come all at once later. So the permit is given back, and
        // another is waited for.
        if (run.Generation.InputFiles is not null)
            run.ReleasePermit();
        JsonElement input;
        try
        {
            // Before the intent: sending a file costs nothing and may be repeated, so a crash in the middle leaves nothing to look for.
            input = await files.ToSendAsync(run.Generation, stopping);
        }
        catch (GenApiException fault)
        {
            return await FilesNotSentAsync(run, fault, stopping);
        }
        using var permit = run.ClaimPermit() ?? await replicate.WaitToCreateAsync(stopping);
        if (run.MustSend)
            run.SentAt = run.Now;
        else if (await IntendAsync(run, stopping) is { } pause)
            return pause;
        run.MustSend = false;
        return await SendAsync(run, Creation(run, input), permit, stopping);
    }

    /// <summary>Saves the intent to send.</summary>
    /// <returns>The pause before the next step, because it must not be sent now; null: it must.</returns>
    private async Task<TimeSpan?> IntendAsync(GenerationRun run, CancellationToken stopping)
    {
        if (gate.Fault is { } gone)
        {
            // It costs money from here on, and the store has no room for the image. The row stays as it is; nothing was sent.
            Log.StoreGone(logger, run.Generation.PublicId, gone.Message);
            return run.Backoff(FirstPause, LongestPause);
        }
        var longest = TimeSpan.FromSeconds(options.Value.MaxRunSeconds);
        var now = run.Now;
        run.SentAt = now;
        run.Generation = await states.SaveAsync(run.Generation, row =>
        {
            if (row.CancelRequestedAt is null && !(row.DeadlineAt <= now))
                row.MarkSubmitting(now, upstreamClock.Correct(now, now), longest);
            else
                row.MarkCanceled(run.Now);
        }, stopping);
        return run.Generation.Status.IsTerminal() ? TimeSpan.Zero : null;
    }

    private async Task<TimeSpan> SendAsync(GenerationRun run, NewPrediction creation, CallPermit permit, CancellationToken stopping)
    {
        Prediction prediction;
        try
        {
            // A shutdown that begins does not end the call, because an answer on its way is better than one that must be looked for. Only
            // the end of the time for stopping does.
            prediction = await replicate.CreateAsync(creation, permit, run.Abandoned);
        }
        catch (GenApiException fault) when (fault.MayHaveHappened)
        {
            Log.AnswerNotSeen(logger, run.Generation.PublicId, fault);
            run.UnconfirmedError = fault;
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

        // The search of an identical request may have claimed it a moment before. Then the other one's prediction is left for this one.
        if (!await states.ClaimAsync(run, prediction.Id, row => row.MarkAccepted(prediction.Id, run.Now), stopping))
        {
            run.UnconfirmedError = new GenApiException(
                ErrorKind.UpstreamBadAnswer, "The upstream answered with the prediction of another generation.");
            return TimeSpan.Zero;
        }
        run.Failures = 0;
        run.ExpectsWebhook = creation.Webhook is not null;
        run.PredictionCreatedAt = prediction.CreatedAt;
        run.FreshPrediction = prediction.IsTerminal ? prediction : null;
        return TimeSpan.Zero;
    }

    private NewPrediction Creation(GenerationRun run, JsonElement input)
    {
        var generation = run.Generation;
        var longest = TimeSpan.FromSeconds(generation.CancelAfterSeconds!.Value);
        var name = generation.Model.IndexOf('/', StringComparison.Ordinal);
        return new NewPrediction(
            generation.Model[..name], generation.Model[(name + 1)..], generation.Version, input, longest,
            webhooks.For(generation.PublicId))
        {
            Fence = cluster.IsShared ? () => LeaseFault(run) : null,
        };
    }

    /// <summary>Refuses to send what another instance may have taken over by now.</summary>
    private GenApiException? LeaseFault(GenerationRun run) => cluster.IsAlive && !run.Alive.IsCancellationRequested
        ? null
        : new GenApiException(ErrorKind.UpstreamUnavailable, "The lease ended before the request was sent.") { IsTransient = true };

    private async Task<TimeSpan> FilesNotSentAsync(GenerationRun run, GenApiException fault, CancellationToken stopping)
    {
        var pause = run.Backoff(fault.RetryAfter, FirstPause, LongestPause);
        var mayAgain = MayAgain(run, fault, pause);
        Log.FilesNotSent(logger, run.Generation.PublicId, fault.Code, mayAgain, fault);
        run.Generation = await states.SaveAsync(run.Generation, row =>
        {
            if (row.CancelRequestedAt is not null)
                row.MarkCanceled(run.Now);
            else if (!mayAgain)
                row.MarkFailed(fault.Kind, fault.Message, run.Now);
            return row.Status.IsTerminal();
        }, null, stopping);
        return pause;
    }

    /// <summary>Returns whether to try again. A request to slow down is no failure, however long it lasts.</summary>
    private bool MayAgain(GenerationRun run, GenApiException fault, TimeSpan pause) =>
        fault.Kind == ErrorKind.UpstreamRateLimited
        || fault.IsTransient && run.Now + pause < run.ClaimedAt + TimeSpan.FromSeconds(options.Value.SubmitPatienceSeconds);

    /// <summary>Puts the run back into the queue. The gate delays the next creations.</summary>
    private async Task PutBackAsync(GenerationRun run, CancellationToken stopping)
    {
        Log.PutBack(logger, run.Generation.PublicId);
        run.Generation = await states.SaveWithRetriesAsync(run.Generation, row =>
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
        run.Generation = await states.SaveWithRetriesAsync(run.Generation, row =>
        {
            row.MarkNotSubmitted();
            if (!mayAgain)
                row.MarkRefused(fault, run.Now);
        }, stopping);
        return mayAgain ? pause : TimeSpan.Zero;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The answer to the creation of {GenerationId} was not seen; looking for the prediction instead of sending it again")]
        public static partial void AnswerNotSeen(ILogger logger, string generationId, Exception fault);

        [LoggerMessage(2, LogLevel.Warning, "The upstream refused {GenerationId}: {Code}; trying again: {MayAgain}")]
        public static partial void Refused(ILogger logger, string generationId, string code, bool mayAgain);

        [LoggerMessage(3, LogLevel.Warning,
            "The input files of {GenerationId} could not be sent to the upstream: {Code}; trying again: {MayAgain}")]
        public static partial void FilesNotSent(ILogger logger, string generationId, string code, bool mayAgain, Exception fault);

        [LoggerMessage(4, LogLevel.Information, "The upstream asks us to slow down; {GenerationId} waits in the queue again")]
        public static partial void PutBack(ILogger logger, string generationId);

        [LoggerMessage(5, LogLevel.Warning, "{GenerationId} is not sent while the store can't keep its image: {Reason}")]
        public static partial void StoreGone(ILogger logger, string generationId, string reason);
    }
}
