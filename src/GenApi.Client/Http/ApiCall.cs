namespace GenApi.Client;

/// <summary>A call of the API. Every attempt is built from it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path after the service's address, without a leading slash.</param>
internal sealed record ApiCall(HttpMethod Method, string Path)
{
    /// <summary>Makes the body of an attempt; null: none.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>The idempotency key, the same on every attempt: the service carries the call out once. Every POST has one.</summary>
    public string? IdempotencyKey { get; init; }

    public string Accept { get; init; } = "application/json";

    public string? Prefer { get; init; }

    public string? LastEventId { get; init; }

    /// <summary>Extra time for each attempt: for a requested wait or a large body.</summary>
    public TimeSpan ExtraTime { get; init; }
}
