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

    /// <summary>
    /// The same failure of one member, reported at another place: a query or a path names its parts otherwise than a body. A failure that
    /// names no member, or several, stays as it is.
    /// </summary>
    /// <param name="path">The name of a parameter, or a JSON path.</param>
    public GenApiException At(string path)
    {
        if (Errors.Count != 1 || Errors.First() is not { Value: [var sentence] })
            return this;
        return new GenApiException(Kind, $"{path}: {sentence}", InnerException)
        {
            Errors = new Dictionary<string, string[]> { [path] = [sentence] },
            RetryAfter = RetryAfter,
            GenerationId = GenerationId,
            Budget = Budget,
            IsTransient = IsTransient,
            MayHaveHappened = MayHaveHappened,
        };
    }

    public static GenApiException ForMember(ErrorKind kind, string path, string message) =>
        new(kind, $"{path}: {message}") { Errors = new Dictionary<string, string[]> { [path] = [message] } };
}
