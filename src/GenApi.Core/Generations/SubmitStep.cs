using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations;

/// <summary>
/// Queued: saves the intent, sends the one POST, saves the prediction's id. A creation costs money and Replicate knows no idempotency key, so
/// it is sent again only where it surely made nothing.
/// </summary>
internal sealed partial class SubmitStep(
    GenerationSaves saves, ReplicateClient replicate, IOptions<GenerationOptions> options, TimeProvider time, ILogger<SubmitStep> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        var longest = TimeSpan.FromSeconds(options.Value.MaxRunSeconds);
        run.Generation = await saves.SaveAsync(run.Generation, row =>
        {
            if (row.CancelRequestedAt is null)
                row.MarkSubmitting(time.GetUtcNow(), longest);
            else
                row.MarkCanceled(time.GetUtcNow());
        }, stopping);
        if (run.Generation.Status.IsTerminal())
            return TimeSpan.Zero;

        Prediction prediction;
        try
        {
            // Not ended by a shutdown: an answer that is on its way is better than one that must be looked for.
            prediction = await replicate.CreateAsync(Creation(run.Generation, longest), CancellationToken.None);
        }
        catch (GenApiException fault) when (fault.MayHaveHappened)
        {
            Log.AnswerNotSeen(logger, run.Generation.Id, fault);
            run.Doubt = fault;
            return TimeSpan.Zero;
        }
        catch (GenApiException fault)
        {
            return await RefusedAsync(run, fault, stopping);
        }

        run.Failures = 0;
        run.News = prediction.IsTerminal ? prediction : null;
        run.Generation = await saves.SaveSurelyAsync(run.Generation, row => row.MarkAccepted(prediction.Id, time.GetUtcNow()), stopping);
        return TimeSpan.Zero;
    }

    private static NewPrediction Creation(Generation generation, TimeSpan longest)
    {
        var name = generation.Model.IndexOf('/', StringComparison.Ordinal);
        using var input = JsonDocument.Parse(generation.Input);
        return new NewPrediction(
            generation.Model[..name], generation.Model[(name + 1)..], generation.Version, input.RootElement.Clone(), longest, Webhook: null);
    }

    private async Task<TimeSpan> RefusedAsync(GenerationRun run, GenApiException fault, CancellationToken stopping)
    {
        var patience = TimeSpan.FromSeconds(options.Value.SubmitPatienceSeconds);
        var pause = fault.RetryAfter ?? run.Backoff(FirstPause, LongestPause);
        var mayAgain = fault.IsTransient && time.GetUtcNow() + pause < run.TakenUpAt + patience;
        Log.Refused(logger, run.Generation.Id, fault.Code, mayAgain);
        run.Generation = await saves.SaveSurelyAsync(run.Generation, row =>
        {
            row.MarkNotSubmitted();
            if (!mayAgain)
                row.MarkFailed(fault.Kind, fault.Message, time.GetUtcNow());
        }, stopping);
        return mayAgain ? pause : TimeSpan.Zero;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The answer to the creation of {Id} was not seen; looking for the prediction instead of sending it again")]
        public static partial void AnswerNotSeen(ILogger logger, Guid id, Exception fault);

        [LoggerMessage(2, LogLevel.Warning, "The upstream refused {Id}: {Code}; trying again: {MayAgain}")]
        public static partial void Refused(ILogger logger, Guid id, string code, bool mayAgain);
    }
}
