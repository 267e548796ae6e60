using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GenApi.Tests.Documentation;

namespace GenApi.Tests.Doors.Clients;

/// <summary>The README's table of programs and the line to change in each, and the script below it.</summary>
internal static partial class ReadmeLines
{
    private const string Address = "http://localhost:8080", Key = "genapi_…";

    private static readonly MarkdownPage Page = new("README.md");

    private static readonly (string Begin, string Does)[] Programs =
    [
        ("new Replicate(", "lineReplicate"),
        ("new OpenAI(", "lineOpenAI"),
        ("createOpenAI(", "lineProvider"),
        ("createOpenAICompatible(", "lineProvider"),
        ("createReplicate(", "lineProvider"),
        ("new DallEAPIWrapper(", "lineLangchain"),
        ("claude mcp add", "lineMcp"),
        ("{ \"url\":", "lineMcp"),
    ];

    /// <summary>Each program with its line, as they stand there.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = Row().Matches(Section())
        .Select(match => (Have: match.Groups[1].Value, Line: match.Groups[2].Value.Replace("`", "", StringComparison.Ordinal)))
        .Where(row => row.Line.Contains(Address, StringComparison.Ordinal))
        .ToDictionary(row => row.Have, row => row.Line);

    /// <summary>The rows whose line runs in the Node process.</summary>
    public static IEnumerable<string> OnNode => All.Keys.Where(RunsOnNode);

    /// <summary>The rows whose line is C#.</summary>
    public static IEnumerable<string> InCSharp =>
        All.Where(row => row.Value.StartsWith("new ImageClient(", StringComparison.Ordinal)).Select(row => row.Key);

    private static bool RunsOnNode(string have) => Programs.Any(each => All[have].StartsWith(each.Begin, StringComparison.Ordinal));

    /// <summary>The name of the case that runs a line.</summary>
    public static string CaseOf(string have) => $"readme {NotWord().Replace(have, " ").Trim()}";

    /// <summary>The line with another address and a real key.</summary>
    public static string Line(string have, ClientApp app) => Here(All[have], app);

    /// <summary>The address of the line: what a program is given as its base.</summary>
    public static Uri Base(string have, ClientApp app) => new(Url().Match(Line(have, app)).Value);

    /// <summary>The script that everybody starts from, with its file.</summary>
    public static (string Name, string File) Script => ("readme script", "fox.png");

    public static IEnumerable<JsonNode> NodeCases(ClientApp app)
    {
        foreach (var have in OnNode)
        {
            var line = Line(have, app);
            var (_, does) = Programs.First(each => line.StartsWith(each.Begin, StringComparison.Ordinal));
            yield return Clients.NodeCases.Case(app, CaseOf(have), does, app.Address, does == "lineMcp" ? Mcp(line) : Code(line));
        }
        var script = Assert.Single(Page.Blocks("js"));
        var folder = Directory.CreateDirectory(Path.Combine(app.App.Folder, "node", "script")).FullName;
        yield return Clients.NodeCases.Case(
            app, Script.Name, "lineProgram", app.Address, new { folder, code = Here(script, app), file = Script.File });
    }

    private static object Code(string line)
    {
        var small = new { width = 128, height = 128 };
        const string model = Clients.NodeCases.Sdxl;
        if (line.StartsWith("createReplicate(", StringComparison.Ordinal))
            return new { code = line, model, input = new { providerOptions = new { replicate = small } } };
        return line.StartsWith("new Replicate(", StringComparison.Ordinal)
            ? new { code = line, model, input = (object)small }
            : new { code = line, model, input = (object)new { size = "128x128" } };
    }

    private static object Mcp(string line)
    {
        var header = Header().Match(line);
        return new
        {
            url = Url().Match(line).Value,
            header = new[] { "Authorization", header.Groups[1].Value },
            model = Clients.NodeCases.Sdxl,
            input = new { width = 128, height = 128 },
        };
    }

    private static string Here(string text, ClientApp app)
    {
        Assert.Contains(Address, text, StringComparison.Ordinal);
        Assert.Contains(Key, text, StringComparison.Ordinal);
        return text.Replace(Address, app.Address, StringComparison.Ordinal).Replace(Key, app.Key, StringComparison.Ordinal);
    }

    private static string Section()
    {
        var begin = Page.Text.IndexOf("## Keep your program, change one line", StringComparison.Ordinal);
        return Page.Text[begin..Page.Text.IndexOf("\n## ", begin + 1, StringComparison.Ordinal)];
    }

    [GeneratedRegex("^\\| (.+?) \\| (.+?) \\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("https?://[^\\s\",`]+")]
    private static partial Regex Url();

    [GeneratedRegex("Authorization\"?: \"?(Bearer [^\"]+)\"")]
    private static partial Regex Header();

    [GeneratedRegex("\\W+")]
    private static partial Regex NotWord();
}
