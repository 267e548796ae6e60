namespace GenApi.Core.Errors;

/// <summary>
/// The expected failures, by what the caller can do about them. Each kind has one stable code (<see cref="ErrorCodes"/>) that callers may
/// branch on. Only the host knows the HTTP status of each.
/// </summary>
public enum ErrorKind
{
    /// <summary>The body is not JSON.</summary>
    MalformedJson,

    /// <summary>A member is unknown, missing, of the wrong type or out of range.</summary>
    InvalidRequest,

    /// <summary>No API key, or one that is not valid.</summary>
    Unauthenticated,

    /// <summary>The caller is known, but may not do this.</summary>
    Forbidden,

    /// <summary>A budget has no room for the worst case. Nothing was stored or sent.</summary>
    BudgetExhausted,

    /// <summary>There is a budget, but no known price of the model to check against it.</summary>
    UnpricedModel,

    /// <summary>No such generation, image or route.</summary>
    NotFound,

    /// <summary>No such model, here or at the upstream.</summary>
    UnknownModel,

    /// <summary>The state of the resource does not allow the request.</summary>
    Conflict,

    /// <summary>The request body is larger than the service accepts.</summary>
    BodyTooLarge,

    /// <summary>The service does not read request bodies of this type.</summary>
    UnsupportedMediaType,

    /// <summary>The model's own schema refuses the input, by our check or by Replicate's.</summary>
    InvalidInput,

    /// <summary>The model or its safety filter refused. Asking again does not help.</summary>
    ContentRefused,

    /// <summary>The idempotency key was used before with another body.</summary>
    IdempotencyMismatch,

    /// <summary>The stored picture can't be converted within the limits, or is damaged. Its original is still served.</summary>
    ImageNotConvertible,

    /// <summary>The caller exceeds its rate limit.</summary>
    RateLimited,

    /// <summary>The caller asked only for a stored answer, and there is none.</summary>
    NotCached,

    /// <summary>The prediction failed at the upstream.</summary>
    UpstreamFailed,

    /// <summary>The upstream's answer can't be read.</summary>
    UpstreamBadAnswer,

    /// <summary>The prediction succeeded without a file.</summary>
    UpstreamNoOutput,

    /// <summary>An output file could not be downloaded whole.</summary>
    DownloadFailed,

    /// <summary>An output file can never be stored: it is too large, or its address is not allowed.</summary>
    UnusableOutput,

    /// <summary>The upstream can't be reached or is out of order.</summary>
    UpstreamUnavailable,

    /// <summary>The upstream refuses our token.</summary>
    UpstreamUnauthorized,

    /// <summary>The upstream account has no credit left.</summary>
    UpstreamOutOfCredit,

    /// <summary>The upstream asks us to slow down.</summary>
    UpstreamRateLimited,

    /// <summary>The generation did not finish within the longest allowed run.</summary>
    UpstreamTimeout,

    /// <summary>Too many generations are unfinished, or too many callers wait for them.</summary>
    Overloaded,

    /// <summary>The database or the blob store can't be used.</summary>
    StorageUnavailable,

    /// <summary>The disk has no room for the image.</summary>
    StorageFull,

    /// <summary>The row exists, but its bytes are missing.</summary>
    BlobMissing,
}
