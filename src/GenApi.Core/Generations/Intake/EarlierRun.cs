namespace GenApi.Core.Generations.Intake;

/// <summary>The newest generation of an equal request of the same account, whether or not the request at hand repeats that one.</summary>
/// <param name="Details">The generation.</param>
internal sealed record EarlierRun(GenerationDetails Details)
{
    /// <summary>True if the client says that it repeats a request.</summary>
    public bool IsMarked { get; init; }

    /// <summary>True if a caller still waits for the answer, as far as this process knows.</summary>
    public bool IsAwaited { get; init; }

    /// <summary>The time at which a caller was left without an answer; null: all were answered or still wait.</summary>
    public DateTimeOffset? UnansweredAt { get; init; }

    /// <summary>The beginning of the window in which a repeat gets a generation that has ended.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>False if it succeeded and callers no longer see all that it made.</summary>
    public bool HasItsOutputs { get; init; } = true;

    /// <summary>True if it serves the request by its cache key too, so that the request would join it in any case.</summary>
    public bool IsSameAnswer { get; init; }

    /// <summary>
    /// True if the request repeats it. A caller that got its answer has no reason to repeat, unless the client says so. A generation that
    /// somebody canceled is not handed to a request without a mark, because that may be a person who asks again.
    /// </summary>
    public bool IsRepeated => HasItsOutputs && (IsMarked ? IsOpen || IsRecent(Details.Generation.CompletedAt) || IsRecent(UnansweredAt)
        : !WasCanceled && (IsAwaited || (UnansweredAt is not null && (IsOpen || IsRecent(UnansweredAt)))));

    /// <summary>True if only a waiting caller makes it a repeat: the next moment may show that its answer was just written.</summary>
    public bool IsBeingAnswered => IsAwaited && !IsMarked && UnansweredAt is null;

    private bool IsOpen => Details.Generation.CompletedAt is null;

    private bool WasCanceled => Details.Generation is { CancelRequestedAt: not null } or { OwnerLeftAt: not null };

    private bool IsRecent(DateTimeOffset? at) => at > Since;
}
