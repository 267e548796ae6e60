using GenApi.Core.Errors;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Worker;

/// <summary>
/// What webhooks tell of predictions. It is handed to whoever walks the generation and applied by the same steps as what a look shows; nothing is decided here.
/// </summary>
public sealed class PredictionWebhooks
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly GenerationWorker _worker;
    private readonly GenerationReader _reader;

    internal PredictionWebhooks(GenerationWorker worker, GenerationReader reader) => (_worker, _reader) = (worker, reader);

    /// <summary>What is of no use, about a generation that has ended or was never there, is dropped without a word.</summary>
    /// <exception cref="GenApiException">Overloaded, transient: the generation waits for somebody to work on it, and the news should come again.</exception>
    public async Task HearAsync(Guid generationId, Prediction prediction, CancellationToken cancellationToken)
    {
        if (_worker.Hear(generationId, prediction))
            return;
        var details = await _reader.FindAsync(generationId, cancellationToken);
        // Right after a start, for a moment.
        if (details?.Generation is { Status: < GenerationStatus.Storing, Attempts: > 0 })
            throw new GenApiException(ErrorKind.Overloaded, "The generation is not taken up yet.") { RetryAfter = Soon, IsTransient = true };
    }
}
