using System.Text.RegularExpressions;

namespace GenApi.Tests.Documentation;

/// <summary>One request of a .http file.</summary>
/// <param name="Title">The text after ###.</param>
/// <param name="Name">The name by which later requests refer to its answer; null: none.</param>
/// <param name="Expected">The text after "# Answer:".</param>
/// <param name="Url">The URL, with its variables.</param>
/// <param name="Body">The body, with its variables; empty: none.</param>
internal sealed record FileRequest(
    string Title,
    string? Name,
    string? Expected,
    string Method,
    string Url,
    IReadOnlyList<(string Name, string Value)> Headers,
    string Body);

/// <summary>
/// A .http file in the syntax common to Visual Studio and the REST Client of VS Code: ### between requests, <c>@name = value</c>, <c>#
/// @name</c>, <c>{{variable}}</c>, <c>{{name.response.body.$.path}}</c>, <c>{{name.response.headers.Name}}</c>.
/// </summary>
internal static partial class RequestFile
{
    public static IReadOnlyList<FileRequest> Read(string relative) =>
        [.. Regex.Split(Text(relative), "^### ?", RegexOptions.Multiline).Skip(1).Select(Request)];

    /// <summary>The lines <c>@name = value</c> at the top.</summary>
    public static Dictionary<string, string> Variables(string relative) =>
        Variable().Matches(Text(relative)).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    /// <summary>Replaces the expressions in double braces.</summary>
    public static string Fill(string text, IReadOnlyDictionary<string, string> variables, IReadOnlyDictionary<string, Answer> answers) =>
        Braces().Replace(text, match => match.Groups[1].Value.Split('.', 4) switch
        {
            [var name] when variables.TryGetValue(name, out var value) => value,
            [var name, "response", "headers", var header] when answers.TryGetValue(name, out var answer) =>
                answer.Header(header) ?? throw Unknown(match),
            [var name, "response", "body", ['$', '.', .. var path]] when answers.TryGetValue(name, out var answer) => Value(answer, path),
            _ => throw Unknown(match),
        });

    private static string Value(Answer answer, string path)
    {
        var element = answer.Json;
        foreach (Match step in Step().Matches(path))
            element = step.Groups[1].Success
                ? element.GetProperty(step.Groups[1].Value)
                : element[int.Parse(step.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture)];
        return element.ToString();
    }

    private static FileRequest Request(string block)
    {
        var lines = block.Split('\n');
        var start = Array.FindIndex(lines, 1, line => line.Length > 0 && line[0] != '#');
        var end = Array.FindIndex(lines, start, line => line.Length == 0);
        end = end < 0 ? lines.Length : end;
        var (method, url) = lines[start].Split(' ') is [var verb, var address]
            ? (verb, address)
            : throw new FormatException($"'{lines[start]}' is not METHOD URL.");
        return new FileRequest(
            lines[0],
            Comment(lines[..start], "# @name "),
            Comment(lines[..start], "# Answer: "),
            method,
            url,
            [.. lines[(start + 1)..end].Select(Header)],
            string.Join('\n', lines.Skip(end)).Trim());
    }

    private static (string Name, string Value) Header(string line) =>
        line.Split(": ", 2) is [var name, var value] ? (name, value) : throw new FormatException($"'{line}' is not a header.");

    private static string? Comment(string[] lines, string start) =>
        lines.FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..].Trim();

    private static string Text(string relative) => File.ReadAllText(Repository.PathOf(relative)).ReplaceLineEndings("\n");

    private static FormatException Unknown(Match match) =>
        new($"{match.Value} is not known: a variable at the top of the file, or the answer of an earlier request with a line '# @name'.");

    [GeneratedRegex(@"^@(\w+) *= *(.+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\{([^{}]+)\}\}")]
    private static partial Regex Braces();

    [GeneratedRegex(@"(\w+)|\[(\d+)\]")]
    private static partial Regex Step();
}
