using System.Reflection;
using System.Text.RegularExpressions;

namespace GenApi.Tests.Documentation;

/// <summary>Every row of the threat table in SECURITY.md names tests that exist.</summary>
public sealed partial class ThreatTableTests
{
    [Fact]
    public void Every_test_that_the_table_names_is_there()
    {
        var page = new MarkdownPage("SECURITY.md").Text;
        var rows = page[page.IndexOf("\n## Threats\n", StringComparison.Ordinal)..].Split('\n')
            .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith('|')).ToList();
        var tests = typeof(ThreatTableTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttributes().OfType<FactAttribute>().Any())
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}").ToHashSet();

        Assert.True(rows.Count > 10);
        foreach (var row in rows)
        {
            var named = Named().Matches(row.Split('|')[^2]).Select(match => match.Groups[1].Value).ToList();
            Assert.True(named.Count > 0, $"No test is named: {row}");
            Assert.All(named, name => Assert.True(tests.Contains(name), $"There is no test {name}."));
        }
    }

    [GeneratedRegex("`([A-Za-z]+Tests\\.\\w+)`")]
    private static partial Regex Named();
}
