using System.Globalization;
using System.Text.RegularExpressions;

namespace GenApi.Tests.Documentation;

/// <summary>Holds the pages of docs/architecture against their own form, against each other and against the rooms.</summary>
public sealed partial class DecisionPagesTests
{
    private const string Overview = "docs/architecture/README.md";

    /// <summary>Pages about what is no room: a project, or a folder beside src.</summary>
    private static readonly Dictionary<string, string> PagesWithoutRoom = new()
    {
        ["sandbox"] = "src/GenApi.Sandbox",
        ["client"] = "src/GenApi.Client",
        ["tests"] = "tests/GenApi.Tests",
        ["bench"] = "bench",
        ["build"] = ".ci",
    };

    [Fact]
    public void Every_decision_has_an_id_a_date_a_text_and_a_reason()
    {
        foreach (var page in DecisionPage.All())
        {
            var well = page.Decisions.Select(decision => $"### {decision.Id}: {decision.Title}").ToHashSet();
            Assert.NotEmpty(well);
            Assert.All(page.Headings, heading => Assert.True(well.Contains(heading),
                $"{page.Name}.md: '{heading}' is not followed by 'Date: ', a text, '**Reason:** ' and at most a '**Figure:** '."));
            foreach (var decision in page.Decisions)
            {
                Assert.True(DateOnly.TryParseExact(decision.Date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
                    $"{decision.Id}: '{decision.Date}' is no date such as 2026-11-29.");
            }
        }
    }

    [Fact]
    public void Ids_are_unique_and_a_page_has_one_prefix_which_the_overview_names()
    {
        var pages = DecisionPage.All();
        Assert.DoesNotContain(pages.SelectMany(page => page.Decisions).CountBy(decision => decision.Id), id => id.Value > 1);

        var overview = new MarkdownPage(Overview).Text;
        var prefixes = pages.Select(page => (page.Name, Assert.Single(page.Decisions.Select(each => each.Prefix).Distinct()))).ToList();
        Assert.DoesNotContain(prefixes.CountBy(page => page.Item2), prefix => prefix.Value > 1);
        var rows = OverviewRow().Matches(overview).Select(match => (Name: match.Groups[1].Value, Prefix: match.Groups[2].Value));
        Assert.Equal(prefixes, rows.OrderBy(row => row.Name, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_room_has_its_page_and_every_page_its_room()
    {
        var rooms = RoomTable.Of("core").Concat(RoomTable.Of("host")).Select(row => PageOf(row.Top)).Distinct();
        var pages = DecisionPage.All().Select(page => page.Name).ToList();
        Assert.Equal(rooms.Order(StringComparer.Ordinal), pages.Except(PagesWithoutRoom.Keys));
        var others = pages.Intersect(PagesWithoutRoom.Keys).Select(page => Repository.PathOf(PagesWithoutRoom[page]));
        Assert.All(others, folder => Assert.True(Directory.Exists(folder), folder));
    }

    [Fact]
    public void An_id_that_is_named_somewhere_exists_and_its_link_leads_to_it()
    {
        var decisions = DecisionPage.All().SelectMany(page => page.Decisions).Select(decision => decision.Id).ToHashSet();
        var prefixes = decisions.Select(id => id[..3]).ToHashSet();
        foreach (var (name, text) in MarkdownPage.All().Select(page => (page.Name, page.Text)).Concat(Sources()))
        {
            var unknown = AnyId().Matches(text).Select(match => match.Value)
                .Where(id => prefixes.Contains(id[..3]) && !decisions.Contains(id)).ToList();
            Assert.True(unknown.Count == 0, $"{name} names {string.Join(", ", unknown)}, and no page has such a decision.");
            Assert.All(LinkedId().Matches(text), match => Assert.True(
                match.Groups[2].Value.StartsWith($"{match.Groups[1].Value}-", StringComparison.OrdinalIgnoreCase),
                $"{name}: {match.Value} leads to another decision."));
        }
    }

    [Fact]
    public void The_map_draws_only_arrows_that_the_tables_allow()
    {
        var table = RoomTable.Of("core");
        var drawn = new MarkdownPage(Overview).Blocks("mermaid").Where(block => block.StartsWith("flowchart", StringComparison.Ordinal))
            .SelectMany(block => Arrow().Matches(block)).Select(match => (From: match.Groups[1].Value, To: match.Groups[2].Value)).ToList();
        Assert.True(drawn.Count > 20);
        foreach (var (from, to) in drawn.Where(arrow => arrow.From != "Host"))
        {
            var (room, used) = (Named(from), Named(to));
            Assert.True(table.Any(row => IsIn(row.Room, room) && row.MayUse.Any(name => IsIn(name, used))),
                $"The map draws an arrow from {room} to {used}, which rooms.md does not allow.");
        }
        var nodes = drawn.SelectMany(arrow => new[] { arrow.From, arrow.To });
        Assert.Empty(table.Select(row => row.Top).Distinct().Except([.. nodes, "Errors"]));

        // The second map shows the inside of Generations.
        string Named(string node) => table.Any(row => row.Top == node) ? node : $"Generations/{node}";
    }

    [Fact]
    public void Each_word_of_the_glossary_is_there_once()
    {
        var rows = new MarkdownPage("docs/glossary.md").Text.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Where(cells => cells[1] != "word").ToList();
        Assert.True(rows.Count > 50);
        Assert.All(rows, cells => Assert.True(
            cells is [_, { Length: > 0 }, _, _, _] && cells[2].Length + cells[3].Length > 0, string.Join('|', cells)));
        Assert.DoesNotContain(rows.CountBy(cells => cells[1]), word => word.Value > 1);
    }

    private static bool IsIn(string room, string place) => room == place || room.StartsWith($"{place}/", StringComparison.Ordinal);

    /// <summary>KeepWarm has the page keep-warm.md.</summary>
    private static string PageOf(string room) => InnerCapital().Replace(room, "-$0").ToLowerInvariant();

    private static IEnumerable<(string Name, string Text)> Sources() => new[] { "src", "tests", "bench" }
        .SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories))
        .Where(path => !path.Contains("/Migrations/", StringComparison.Ordinal)).Select(path => (path, File.ReadAllText(path)));

    [GeneratedRegex(@"^\| \[[^\]]+\]\(decisions/([a-z-]+)\.md\) \| ([A-Z]{3,4}) \|", RegexOptions.Multiline)]
    private static partial Regex OverviewRow();

    [GeneratedRegex(@"\b[A-Z]{3,4}-\d{3}\b")]
    private static partial Regex AnyId();

    [GeneratedRegex(@"\[([A-Z]{3,4}-\d{3})\]\([^)#]*#([^)]+)\)")]
    private static partial Regex LinkedId();

    [GeneratedRegex(@"^ *(\w+) --> (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex InnerCapital();
}
