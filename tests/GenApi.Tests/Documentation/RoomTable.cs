namespace GenApi.Tests.Documentation;

/// <summary>A row of docs/architecture/rooms.md: which room it is, and which it may use besides Errors.</summary>
internal sealed record RoomTable(string Room, IReadOnlyList<string> MayUse)
{
    /// <summary>The room itself, or the one whose sub-room it is.</summary>
    public string Top => Room.Split('/')[0];

    /// <param name="project"><c>core</c> or <c>host</c>.</param>
    public static IReadOnlyList<RoomTable> Of(string project)
    {
        var page = new MarkdownPage("docs/architecture/rooms.md").Text;
        var rows = page[page.IndexOf($"\n## Rooms of the {project}\n", StringComparison.Ordinal)..].Split('\n')
            .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
        Assert.NotEmpty(rows);
        return [.. rows.Select(cells => new RoomTable(cells[1], cells[2] == "nothing" ? [] : cells[2].Split(", ")))];
    }
}
