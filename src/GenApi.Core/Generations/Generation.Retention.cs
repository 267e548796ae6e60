namespace GenApi.Core.Generations;

public sealed partial class Generation
{
    /// <summary>Retention leaves it alone, however old and however full the store is.</summary>
    public bool IsPinned { get; private set; }

    /// <summary>The day, in UTC, on which it was made, answered a request or one of its images was fetched: the last of them, as written down.</summary>
    public DateOnly UsedOn { get; private set; }

    /// <summary>How often it has answered from the store and its images were fetched, as written down.</summary>
    public long Fetches { get; private set; }

    internal static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <returns>Whether that is news.</returns>
    internal bool Pin(bool isPinned)
    {
        var changes = IsPinned != isPinned;
        IsPinned = isPinned;
        return changes;
    }
}
