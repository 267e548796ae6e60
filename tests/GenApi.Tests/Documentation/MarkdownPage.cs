using System.Text.RegularExpressions;

namespace GenApi.Tests.Documentation;

/// <summary>A page of the repository, with the parts that tests need.</summary>
internal sealed partial class MarkdownPage(string relative)
{
    /// <summary>The path from the root of the repository, with forward slashes.</summary>
    public string Name { get; } = relative.Replace('\\', '/');

    public string Text { get; } = File.ReadAllText(Repository.PathOf(relative)).ReplaceLineEndings("\n");

    /// <summary>The targets of its links.</summary>
    public IReadOnlyList<string> Links => [.. Link().Matches(WithoutCode()).Select(match => match.Groups[1].Value)];

    /// <summary>The anchors of its headings, as GitHub makes them.</summary>
    public IReadOnlyList<string> Anchors => [.. Heading().Matches(WithoutCode()).Select(match => Anchor(match.Groups[1].Value))];

    /// <summary>Returns the code blocks whose fence has exactly this word.</summary>
    public IReadOnlyList<string> Blocks(string language) =>

    [
        .. Regex.Matches(Text, $"^```{language}\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(match => match.Groups[1].Value),
    ];

    /// <summary>Lists all pages except those of builds and packages.</summary>
    public static IEnumerable<MarkdownPage> All()
    {
        string[] strangers = ["artifacts", "node_modules", "data", ".git"];
        return Directory.EnumerateFiles(Repository.Root, "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(strangers.Contains))
            .Select(path => new MarkdownPage(path));
    }

    private static string Anchor(string heading) =>
        string.Concat(heading.ToLowerInvariant().Where(each => char.IsLetterOrDigit(each) || each is ' ' or '-' or '_')).Replace(' ', '-');

    private string WithoutCode() => Fence().Replace(Text, "");

    [GeneratedRegex("^```.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ +(.+?) *$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
