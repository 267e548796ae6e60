namespace GenApi.Core.Generations;

public sealed partial class Generation
{
    /// <summary>True if retention leaves it alone, however old it is and however full the store is.</summary>
    public bool IsPinned { get; private set; }

    /// <summary>The last day, in UTC, on which it was made, answered a request or had an image fetched, as far as saved.</summary>
    public DateOnly UsedOn { get; private set; }

    /// <summary>The number of times that it answered from the store or one of its images was fetched, as far as saved.</summary>
    public long Fetches { get; private set; }

    internal static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <returns>Whether that changed anything.</returns>
    internal bool Pin(bool isPinned)
    {
        var changes = IsPinned != isPinned;
        IsPinned = isPinned;
        return changes;
    }
}
