namespace GenApi.Client;

/// <summary>
/// News of a generation: <see cref="StatusChanged"/>, <see cref="ProgressMade"/>, <see cref="LogWritten"/>, and
/// <see cref="GenerationEnded"/> as the last.
/// </summary>
public abstract record GenerationEvent
{
    private protected GenerationEvent()
    {
    }
}

/// <summary>The generation has another status; the first event of all is the status in which it was found.</summary>
/// <param name="Generation">As it is then.</param>
public sealed record StatusChanged(Generation Generation) : GenerationEvent;

/// <summary>The model has done more of its steps.</summary>
/// <param name="Progress">How far it is.</param>
public sealed record ProgressMade(GenerationProgress Progress) : GenerationEvent;

/// <summary>The model's log has more text.</summary>
/// <param name="Offset">Where the text belongs, in UTF-16 units (those of <see cref="string"/>); 0: the log starts over.</param>
/// <param name="Text">The text.</param>
public sealed record LogWritten(int Offset, string Text) : GenerationEvent;

/// <summary>The generation has ended, whichever way.</summary>
/// <param name="Generation">As it ended.</param>
public sealed record GenerationEnded(Generation Generation) : GenerationEvent;
