namespace GenApi.Client;

/// <summary>
/// The base of all failures of a <see cref="GenApiClient"/>, apart from cancellation, wrong arguments and the caller's own disk.
/// </summary>
public abstract class GenApiException : Exception
{
    /// <summary>Creates one; only for this assembly.</summary>
    private protected GenApiException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>
    /// The <c>Idempotency-Key</c> of the call, where it had one. The same request under the same key, within 24 hours, finds what an
    /// earlier attempt made and makes nothing new.
    /// </summary>
    public string? IdempotencyKey { get; internal set; }

    /// <summary>The number of attempts before the client gave up.</summary>
    public int Attempts { get; internal set; } = 1;

    /// <summary>The wait that the service asked for: its <c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; private protected init; }

    /// <summary>True if the same call may succeed a little later.</summary>
    internal abstract bool IsTransient { get; }
}
