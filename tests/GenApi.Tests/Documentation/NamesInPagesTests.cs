using System.Text.RegularExpressions;

namespace GenApi.Tests.Documentation;

/// <summary>A page about the code that names a class which is gone misleads its reader.</summary>
public sealed partial class NamesInPagesTests
{
    /// <summary>Where a name may stand: in C#, in what builds it, and in the scripts that are served.</summary>
    private static readonly string[] Sources = [".cs", ".csproj", ".props", ".targets", ".js"];

    [Fact]
    public void Every_name_of_code_on_the_pages_of_the_architecture_is_in_the_sources()
    {
        var known = new HashSet<string>();
        foreach (var file in new[] { "src", "tests", "bench" }.SelectMany(Files))
            known.UnionWith(Word().Matches(File.ReadAllText(file)).Select(match => match.Value));

        var missing = MarkdownPage.All().Where(IsAboutTheCode)
            .SelectMany(page => Name().Matches(page.Text).Select(match => (page.Name, Written: match.Groups[1].Value)))
            .Where(name => !known.Contains(name.Written)).Distinct().ToList();
        Assert.True(missing.Count == 0, $"No source has these names any more:\n{string.Join('\n', missing)}");
    }

    private static bool IsAboutTheCode(MarkdownPage page) =>
        page.Name.StartsWith("docs/architecture/", StringComparison.Ordinal) || page.Name == "docs/glossary.md";

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Repository.PathOf(folder), "*", SearchOption.AllDirectories)
            .Where(path => Sources.Contains(Path.GetExtension(path)) && Path.GetFileName(path) != $"{nameof(NamesInPagesTests)}.cs");

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    // `GenerationIntake`, but not `Generations:SettleSeconds`, `Cancel-After` or `POST /generate`.
    [GeneratedRegex("`([A-Z][a-z]\\w*)`")]
    private static partial Regex Name();
}
