using GenApi.Core.Errors;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Worker;

/// <summary>
/// Hands what upstream webhooks report to the run of the generation. The steps that apply the result of a poll apply it too; nothing is
/// decided here.
/// </summary>
internal sealed class PredictionWebhooks(GenerationWorker worker, PredictionInbox inbox, GenerationReader reader)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Receives the state of a prediction. If its generation has ended or never existed, the webhook is dropped silently. If another
    /// instance works on it, the webhook waits for that one in the database.
    /// </summary>
    /// <param name="generationId">The generation that the webhook's address names.</param>
    /// <param name="prediction">What the webhook says.</param>
    /// <param name="body">Its bytes.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="GenApiException">
    /// Overloaded, transient: no process works on the generation yet, and the webhook should come again.
    /// </exception>
    public async Task ReceiveAsync(
        Guid generationId, Prediction prediction, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (worker.Receive(generationId, prediction))
            return;
        var details = await reader.FindAsync(generationId, cancellationToken);
        if (details?.Generation is not { Status: < GenerationStatus.Storing, Attempts: > 0 })
            return;
        // For a moment after a start.
        if (!await inbox.TryStoreAsync(generationId, prediction, body, cancellationToken))
            throw new GenApiException(ErrorKind.Overloaded, "No worker has claimed the generation yet.")
            {
                RetryAfter = Soon,
                IsTransient = true,
            };
    }
}
