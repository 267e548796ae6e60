using System.Text.Json;
using System.Text.RegularExpressions;

namespace GenApi.Tests.Documentation;

/// <summary>
/// A comment such as <c>members of Generation</c> on a page of the contract stands before a table that comes from docs/openapi.json, which
/// comes from the code. Links inside a table are the page's own and stay when it is written again.
/// </summary>
public sealed partial class ContractTableTests
{
    private const string Rewrite = "GENAPI_REWRITE_API";

    /// <summary>Objects that the pages describe in a sentence: pages of lists, addresses, and pairs of objects that have tables.</summary>
    private static readonly string[] InWords = ["Budgets", "FileInfo", "ImageInfo", "KeepWarmHindrance", "ModelList", "ModelUrls", "Urls"];

    private static readonly DescribedTables Tables = new();

    public static TheoryData<string> Pages => [.. ApiPages.All.Select(page => page.Name)];

    [Theory, MemberData(nameof(Pages))]
    public void Tables_of_a_page_are_those_of_the_API_document(string name)
    {
        var page = new MarkdownPage(name).Text;
        var expected = Table().Replace(page, match =>
        {
            var rows = match.Groups["rows"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToLookup(
                row => Link().Replace(row, "$1"));
            var table = Tables.Of(match.Groups["kind"].Value, match.Groups["what"].Value).Select(row => rows[row].FirstOrDefault() ?? row);
            return $"{match.Groups["comment"].Value}\n\n{string.Concat(table.Select(row => row + "\n"))}";
        });
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
            File.WriteAllText(Repository.PathOf(name), expected);

        Assert.True(new MarkdownPage(name).Text == expected,
            $"A table of {name} is not what docs/openapi.json says. If the document is right: "
            + $"{Rewrite}=1 dotnet run --project tests/GenApi.Tests -- -class {typeof(ContractTableTests).FullName}");
    }

    [Theory]
    [InlineData("docs/api/generations.md", "Generation")]
    [InlineData("docs/api/accounts.md", "Me")]
    [InlineData("docs/api/webhooks.md", "WebhookSecret")]
    [InlineData("docs/api/webhooks.md", "Delivery")]
    public void An_example_of_an_answer_has_the_members_of_its_object(string page, string schema)
    {
        // An example that is cut short is no JSON text.
        var examples = new MarkdownPage(page).Blocks("json").Where(block => !block.Contains("… }", StringComparison.Ordinal))
            .Select(block => JsonElement.Parse(block)).Select(each => each.TryGetProperty("data", out var rows) ? rows[0] : each);

        // Only events have the revision, and only administrators see the budgets of the service.
        Assert.Contains(
            string.Join(' ', Tables.MembersOf(schema).Where(member => member is not ("revision" or "service_budgets"))),
            examples.Select(example => string.Join(' ', example.EnumerateObject().Select(member => member.Name))));
    }

    [Fact]
    public void Every_object_and_every_query_has_its_table()
    {
        var shown = ApiPages.All.SelectMany(page => Table().Matches(page.Text)).Select(
            match => (Kind: match.Groups["kind"].Value, What: match.Groups["what"].Value)).ToList();
        var queries =
            shown.Where(table => table.Kind == "query").Select(table => string.Join('\n', Tables.Of("query", table.What))).ToHashSet();

        var objects = Tables.Objects.Where(name => !name.EndsWith("Page", StringComparison.Ordinal)).Except(InWords).Except(
            shown.Where(table => table.Kind == "members").Select(table => table.What));
        var missing = objects.Select(name => $"<!-- members of {name} -->")
            .Concat(Tables.Queries.Where(
                operation => !queries.Contains(string.Join('\n', Tables.Of("query", operation))))
                .Select(operation => $"<!-- query of {operation} -->"));

        Assert.Empty(missing);
    }

    [GeneratedRegex(
        @"^(?<comment><!-- (?<kind>members|query|headers|answer headers) of (?<what>.+?) -->)\n(?:\n(?<rows>(?:\|.*\n)+))?",
        RegexOptions.Multiline)]
    private static partial Regex Table();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();
}
