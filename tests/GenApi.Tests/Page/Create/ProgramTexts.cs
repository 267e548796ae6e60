using System.Text.Json;
using System.Text.RegularExpressions;

namespace GenApi.Tests.Page.Create;

/// <summary>Reads the JSON that a program would send, by the quoting rules of its language.</summary>
internal static partial class ProgramTexts
{
    /// <summary>Python allows a comma at the end of a list; JSON does not.</summary>
    private static readonly JsonSerializerOptions Python = new() { AllowTrailingCommas = true };

    /// <param name="language">curl, csharp, python or javascript.</param>
    /// <param name="program">The text of the program.</param>
    /// <returns>The body.</returns>
    public static JsonElement BodyIn(string language, string program)
    {
        var text = language switch
        {
            // The last argument; '\'' stands for a quote inside quotes.
            "curl" => program[(program.IndexOf("--data-binary '", StringComparison.Ordinal) + 15)..].TrimEnd()[..^1]
                .Replace("'\\''", "'", StringComparison.Ordinal),
            "csharp" => RawString().Match(program).Groups["text"].Value,
            "python" => Json(Between(program, "    json=", ",\n    timeout=")),
            "javascript" => Between(program, "JSON.stringify(", "),\n});"),
            _ => throw new ArgumentOutOfRangeException(nameof(language), language, null),
        };
        return JsonSerializer.Deserialize<JsonElement>(text, Python);
    }

    /// <summary>Python's literals differ from JSON outside of texts only.</summary>
    private static string Json(string python) => Token().Replace(python, match => match.Value switch
    {
        "None" => "null",
        "True" => "true",
        "False" => "false",
        _ => match.Value,
    });

    private static string Between(string text, string start, string end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[from..text.LastIndexOf(end, StringComparison.Ordinal)];
    }

    [GeneratedRegex("(?<quotes>\"{3,})\n(?<text>.*)\n\\k<quotes>;", RegexOptions.Singleline)]
    private static partial Regex RawString();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"|None|True|False")]
    private static partial Regex Token();
}
