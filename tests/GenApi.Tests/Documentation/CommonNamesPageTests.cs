using System.Text.RegularExpressions;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Settings;
using GenApi.Tests.Models;

namespace GenApi.Tests.Documentation;

/// <summary>Holds the table of docs/api/models.md, section Common names, against the schemas of the real models.</summary>
public sealed partial class CommonNamesPageTests
{
    [Fact]
    public void The_table_tells_what_each_common_name_becomes()
    {
        var section = new MarkdownPage("docs/api/models.md").Text.Split("\n## Common names\n")[1].Split("\n## ")[0];
        var rows = section.Split('\n').Where(line => line.StartsWith('|')).Select(
            line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]).ToList();
        var head = rows.First(row => row[0] == "model");
        var models = rows.Where(row => row.Length == head.Length && row[0].Contains('/', StringComparison.Ordinal)).ToList();
        Assert.True(models.Count > 10);
        foreach (var row in models)
        {
            var targets = CommonTargets.Of(KnownSchemas.Of(Word().Match(row[0]).Groups[1].Value));
            for (var column = 1; column < head.Length; column++)
            {
                var common = Word().Matches(head[column]).Select(match => match.Groups[1].Value);
                var becomes = common.SelectMany(name => targets.GetValueOrDefault(name) ?? []).Distinct().Order(StringComparer.Ordinal);
                Assert.True(
                    becomes.SequenceEqual(Word().Matches(row[column]).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)),
                    $"{row[0]}, {head[column]}: {string.Join(' ', becomes)}");
            }
        }
    }

    [Fact]
    public void Every_alias_there_is_by_default_stands_in_the_table()
    {
        var page = new MarkdownPage("docs/api/models.md").Text;
        Assert.All(new ModelOptions().Aliases.Keys, alias => Assert.Contains($"(`{alias}`)", page, StringComparison.Ordinal));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Word();
}
