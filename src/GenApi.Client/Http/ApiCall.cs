namespace GenApi.Client;

/// <summary>One call of the API, which may take several attempts; each is made from this.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">From the service's address on, without a slash in front.</param>
internal sealed record ApiCall(HttpMethod Method, string Path)
{
    /// <summary>Makes the body of an attempt; null: none.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>The same on every attempt, so that the service carries the call out once. Every POST has one.</summary>
    public string? IdempotencyKey { get; init; }

    public string Accept { get; init; } = "application/json";

    public string? Prefer { get; init; }

    public string? LastEventId { get; init; }

    /// <summary>Added to the limit of each attempt: what the service was asked to wait, or a large body takes.</summary>
    public TimeSpan ExtraTime { get; init; }
}
