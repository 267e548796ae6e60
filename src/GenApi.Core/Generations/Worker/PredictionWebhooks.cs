using GenApi.Core.Errors;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Worker;

/// <summary>
/// Hands what upstream webhooks report to the run of the generation. The steps that apply the result of a poll apply it too; nothing is
/// decided here.
/// </summary>
internal sealed class PredictionWebhooks(GenerationWorker worker, GenerationReader reader)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Receives the state of a prediction. If its generation has ended or never existed, the webhook is dropped silently.
    /// </summary>
    /// <exception cref="GenApiException">
    /// Overloaded, transient: no process works on the generation yet, and the webhook should come again.
    /// </exception>
    public async Task ReceiveAsync(Guid generationId, Prediction prediction, CancellationToken cancellationToken)
    {
        if (worker.Receive(generationId, prediction))
            return;
        var details = await reader.FindAsync(generationId, cancellationToken);
        // For a moment after a start.
        if (details?.Generation is { Status: < GenerationStatus.Storing, Attempts: > 0 })
            throw new GenApiException(ErrorKind.Overloaded, "No worker has claimed the generation yet.")
            {
                RetryAfter = Soon,
                IsTransient = true,
            };
    }
}
