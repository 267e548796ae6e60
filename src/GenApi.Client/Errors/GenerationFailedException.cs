namespace GenApi.Client;

/// <summary>The generation was accepted and ended without an output: it failed or was canceled.</summary>
public sealed class GenerationFailedException : GenApiException
{
    internal GenerationFailedException(Generation generation)
        : base(generation switch
        {
            { Error: { } error } => $"{generation.Id} failed: {error.Code}: {error.Message}{Places(error)}",
            { Status: GenerationStatus.Canceled } => $"{generation.Id} was canceled.",
            _ => $"{generation.Id} failed.",
        }) => Generation = generation;

    /// <summary>The generation in its final state, with its error, cost, input and times.</summary>
    public Generation Generation { get; }

    /// <summary>The reason for the failure; null if it was canceled.</summary>
    public GenerationError? Error => Generation.Error;

    /// <summary>True if the same request can succeed; <see cref="GenApiClient.RetryAsync"/> makes it again.</summary>
    public bool IsRetryable => Error?.Retryable ?? Generation.Status == GenerationStatus.Canceled;

    internal override bool IsTransient => false;

    private static string Places(GenerationError error) =>
        string.Concat((error.Errors ?? []).SelectMany(each => each.Value, (each, sentence) => $" {each.Key}: {sentence}"));
}
