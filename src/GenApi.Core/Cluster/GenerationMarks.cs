namespace GenApi.Core.Cluster;

/// <summary>
/// Describes a generation that was made or changed: the <see cref="StoreChange.Number"/> of <see cref="StoreChangeKind.Generation"/>. The
/// values are in the triggers of PostgreSQL. They spare a listener the reading of rows that do not concern it.
/// </summary>
[Flags]
public enum GenerationMarks
{
    /// <summary>It is under way, and an instance works on it.</summary>
    None = 0,

    /// <summary>It had ended before this change, so caches may hold it.</summary>
    WasEnded = 1,

    /// <summary>It has ended.</summary>
    IsEnded = 2,

    /// <summary>It has not ended, and no instance works on it.</summary>
    IsWaiting = 4,
}

/// <summary>Reads <see cref="GenerationMarks"/> from changes.</summary>
public static class StoreChangeMarks
{
    /// <summary>Returns whether a generation was changed after its end.</summary>
    public static bool IsOfEndedGeneration(this StoreChange change) => change.Has(GenerationMarks.WasEnded);

    /// <summary>Returns whether it is a change of a generation that has ended.</summary>
    public static bool IsOfGenerationAtEnd(this StoreChange change) => change.Has(GenerationMarks.IsEnded);

    /// <summary>Returns whether it is a change of a generation that any instance may work on now.</summary>
    public static bool IsOfWaitingGeneration(this StoreChange change) => change.Has(GenerationMarks.IsWaiting);

    private static bool Has(this StoreChange change, GenerationMarks mark) =>
        change.Kind == StoreChangeKind.Generation && ((GenerationMarks)(change.Number ?? 0)).HasFlag(mark);
}
