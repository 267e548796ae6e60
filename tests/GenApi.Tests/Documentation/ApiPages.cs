using System.Text.RegularExpressions;

namespace GenApi.Tests.Documentation;

/// <summary>The contract of the HTTP API: docs/api.md and the pages that it lists, in its order.</summary>
internal static partial class ApiPages
{
    private const string Index = "docs/api.md";

    public static IReadOnlyList<MarkdownPage> All { get; } = Read();

    public static string Text { get; } = string.Join('\n', All.Select(page => page.Text));

    private static List<MarkdownPage> Read()
    {
        var index = new MarkdownPage(Index);
        return [index, .. index.Links.Where(link => Page().IsMatch(link)).Distinct().Select(link => new MarkdownPage($"docs/{link}"))];
    }

    [GeneratedRegex(@"^api/[a-z]+\.md$")]
    private static partial Regex Page();
}
