namespace GenApi.Core.Errors;

/// <summary>
/// The only expected exception. <see cref="Exception.Message"/> is public: callers see it as the problem's detail. So it never holds a
/// token, a path of the machine or an upstream's billing text. The inner exception holds what only the operator may see.
/// </summary>
public sealed class GenApiException(ErrorKind kind, string publicMessage, Exception? inner = null) : Exception(publicMessage, inner)
{
    public ErrorKind Kind { get; } = kind;

    public string Code => ErrorCodes.Of(Kind);

    /// <summary>By JSON path (<c>$.width</c>): what is wrong and what is allowed. Empty where no member is to blame.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = new Dictionary<string, string[]>();

    /// <summary>The time to wait before another try; null: not known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The generation that failed, where there is one.</summary>
    public Guid? GenerationId { get; init; }

    /// <summary>The budget that has no room; null for any other failure.</summary>
    public ExhaustedBudget? Budget { get; init; }

    /// <summary>True if the same call may succeed a little later without any change.</summary>
    public bool IsTransient { get; init; }

    /// <summary>
    /// True if the call may have taken effect although it failed (no answer, or a 5xx). A creation that may have happened may have been
    /// billed: GenApi searches for it and never sends it again.
    /// </summary>
    public bool MayHaveHappened { get; init; }

    /// <summary>
    /// Reports the same failure of one member at another place: a query or a path names its parts differently than a body. A failure that
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
