using System.Text.RegularExpressions;

namespace GenApi.Tests.Documentation;

/// <summary>One page of docs/architecture/decisions.</summary>
internal sealed partial class DecisionPage(string name)
{
    public const string Folder = "docs/architecture/decisions";

    /// <summary>Of the file, without its ending.</summary>
    public string Name { get; } = name;

    public string Text { get; } = new MarkdownPage($"{Folder}/{name}.md").Text;

    /// <summary>Every heading of the third level, whether or not it is a decision in the right form.</summary>
    public IReadOnlyList<string> Headings => [.. Text.Split('\n').Where(line => line.StartsWith("### ", StringComparison.Ordinal))];

    public IReadOnlyList<Decision> Decisions => [.. Form().Matches(Text).Select(match => match.Groups).Select(groups => new Decision(
        groups["id"].Value, groups["title"].Value, groups["date"].Value, groups["text"].Value, groups["reason"].Value))];

    public static IReadOnlyList<DecisionPage> All() => [.. Directory.EnumerateFiles(Repository.PathOf(Folder), "*.md")
        .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal).Select(name => new DecisionPage(name))];

    // A heading, the date, paragraphs or lists, the reason, and then at most a figure before the next heading.
    [GeneratedRegex(
        @"^### (?<id>[A-Z]{3,4}-\d{3}): (?<title>[^\n]+[^\n.])\n\nDate: (?<date>[^\n]+)\n\n(?<text>(?!\*\*)(?:(?!\n#)[\s\S])+?)\n\n"
        + @"\*\*Reason:\*\* (?<reason>[^\n]+(?:\n[^\n]+)*)\n(?:\n\*\*Figure:\*\* [^\n]+(?:\n[^\n]+)*\n)?(?=\n##|\z)",
        RegexOptions.Multiline)]
    private static partial Regex Form();
}

/// <summary>As a page writes it.</summary>
internal sealed record Decision(string Id, string Title, string Date, string Text, string Reason)
{
    public string Prefix => Id.Split('-')[0];
}
