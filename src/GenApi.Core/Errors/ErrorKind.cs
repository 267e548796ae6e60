namespace GenApi.Core.Errors;

/// <summary>
/// Everything that can be expected to go wrong, by what the caller can do about it. Each kind has one stable code
/// (<see cref="ErrorCodes"/>) that callers may branch on; the host alone knows the HTTP status of each.
/// </summary>
public enum ErrorKind
{
    /// <summary>The body is not JSON.</summary>
    MalformedJson,

    /// <summary>A member is unknown, missing, of the wrong type or out of range.</summary>
    InvalidRequest,

    /// <summary>No API key, or none that is good.</summary>
    Unauthenticated,

    /// <summary>The caller is known and may not do this.</summary>
    Forbidden,

    /// <summary>A budget has no room for the worst case. Nothing was kept or sent.</summary>
    BudgetExhausted,

    /// <summary>There is a budget, and no price of the model to hold against it.</summary>
    UnpricedModel,

    /// <summary>No such generation, image or route.</summary>
    NotFound,

    /// <summary>No such model, here or at the upstream.</summary>
    UnknownModel,

    /// <summary>The state of the thing does not allow what was asked.</summary>
    Conflict,

    /// <summary>The request body is larger than the service takes.</summary>
    BodyTooLarge,

    /// <summary>The request body is not of a type the service reads.</summary>
    UnsupportedMediaType,

    /// <summary>The model's own schema refuses the input, by our check or by Replicate's.</summary>
    InvalidInput,

    /// <summary>The model or its safety filter refused. Asking again does not help.</summary>
    ContentRefused,

    /// <summary>The idempotency key was used before with another body.</summary>
    IdempotencyMismatch,

    /// <summary>The caller goes faster than it may.</summary>
    RateLimited,

    /// <summary>The caller asked only for a stored answer, and there is none.</summary>
    NotCached,

    /// <summary>The prediction failed at the upstream.</summary>
    UpstreamFailed,

    /// <summary>The upstream answered something that can't be read.</summary>
    UpstreamBadAnswer,

    /// <summary>The prediction succeeded without a file.</summary>
    UpstreamNoOutput,

    /// <summary>An output file could not be fetched whole.</summary>
    DownloadFailed,

    /// <summary>An output file can't be kept, now or later: too large, or at an address that is not followed.</summary>
    UnusableOutput,

    /// <summary>The upstream can't be reached or is out of order.</summary>
    UpstreamUnavailable,

    /// <summary>The upstream refuses our token.</summary>
    UpstreamUnauthorized,

    /// <summary>The upstream account has no credit left.</summary>
    UpstreamOutOfCredit,

    /// <summary>The upstream asks us to slow down.</summary>
    UpstreamRateLimited,

    /// <summary>Not finished within the longest run allowed.</summary>
    UpstreamTimeout,

    /// <summary>Too many unfinished generations, or too many who wait for them.</summary>
    Overloaded,

    /// <summary>The database or the blob store can't be used.</summary>
    StorageUnavailable,

    /// <summary>No room for the image.</summary>
    StorageFull,

    /// <summary>The row is there and its bytes are not.</summary>
    BlobMissing,
}
