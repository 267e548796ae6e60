namespace GenApi.Client;

/// <summary>
/// An event of a generation: <see cref="StatusChanged"/>, <see cref="ProgressMade"/>, <see cref="LogWritten"/>, and
/// <see cref="GenerationEnded"/> as the last.
/// </summary>
public abstract record GenerationEvent
{
    private protected GenerationEvent()
    {
    }
}

/// <summary>The status has changed. The first event reports the current status.</summary>
/// <param name="Generation">The generation in its new status.</param>
public sealed record StatusChanged(Generation Generation) : GenerationEvent;

/// <summary>The model has done more of its steps.</summary>
/// <param name="Progress">The progress.</param>
public sealed record ProgressMade(GenerationProgress Progress) : GenerationEvent;

/// <summary>The model's log has more text.</summary>
/// <param name="Offset">The position of the text, in UTF-16 units (those of <see cref="string"/>); 0: the log starts over.</param>
/// <param name="Text">The text.</param>
public sealed record LogWritten(int Offset, string Text) : GenerationEvent;

/// <summary>The generation has ended: succeeded, failed or canceled.</summary>
/// <param name="Generation">The generation in its final state.</param>
public sealed record GenerationEnded(Generation Generation) : GenerationEvent;
