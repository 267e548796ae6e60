namespace GenApi.Core.Errors;

/// <summary>
/// The only expected exception. <see cref="Exception.Message"/> is public: it reaches callers as the problem's detail, so it
/// never holds a token, a path of the machine or an upstream's billing text. What only the operator may see goes into the inner exception.
/// </summary>
public sealed class GenApiException(ErrorKind kind, string publicMessage, Exception? inner = null) : Exception(publicMessage, inner)
{
    public ErrorKind Kind { get; } = kind;

    public string Code => ErrorCodes.Of(Kind);

    /// <summary>JSON path (<c>$.width</c>) to what is wrong there and what is allowed; empty where no member is to blame.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = new Dictionary<string, string[]>();

    /// <summary>When it makes sense to ask again, where a time is known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The generation this is about, where there is one.</summary>
    public Guid? GenerationId { get; init; }

    /// <summary>The budget that has no room, where that is what is wrong.</summary>
    public ExhaustedBudget? Budget { get; init; }

    /// <summary>Whether the same call may well succeed a little later without anything being changed.</summary>
    public bool IsTransient { get; init; }

    /// <summary>
    /// Whether the call may have taken effect although it failed (no answer seen, or a 5xx). A creation that may have happened
    /// may have been billed: it is looked for, never sent again.
    /// </summary>
    public bool MayHaveHappened { get; init; }

    public static GenApiException ForMember(ErrorKind kind, string path, string message) =>
        new(kind, $"{path}: {message}") { Errors = new Dictionary<string, string[]> { [path] = [message] } };
}
