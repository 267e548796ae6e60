namespace GenApi.Client;

/// <summary>The generation was accepted, and ended without an output: it failed, or somebody canceled it.</summary>
public sealed class GenerationFailedException : GenApiException
{
    internal GenerationFailedException(Generation generation)
        : base(generation switch
        {
            { Error: { } error } => $"{generation.Id} failed: {error.Code}: {error.Message}{Places(error)}",
            { Status: GenerationStatus.Canceled } => $"{generation.Id} was canceled.",
            _ => $"{generation.Id} failed.",
        }) => Generation = generation;

    /// <summary>As it ended, with its error, cost, input and times.</summary>
    public Generation Generation { get; }

    /// <summary>Why it failed; null when it was canceled.</summary>
    public GenerationError? Error => Generation.Error;

    /// <summary>Whether the same request can end otherwise; <see cref="GenApiClient.RetryAsync"/> makes it.</summary>
    public bool IsRetryable => Error?.Retryable ?? Generation.Status == GenerationStatus.Canceled;

    internal override bool IsTransient => false;

    private static string Places(GenerationError error) =>
        string.Concat((error.Errors ?? []).SelectMany(each => each.Value, (each, sentence) => $" {each.Key}: {sentence}"));
}
