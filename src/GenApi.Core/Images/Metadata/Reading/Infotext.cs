using System.Globalization;
using System.Text.Json;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>
/// The text with which AUTOMATIC1111's web UI describes a picture: the lines of the prompt, those of the negative prompt after
/// <c>Negative prompt:</c>, and one line of pairs, <c>Steps: 20, Sampler: Euler a, …</c>. A value with a comma, a colon or a line break is
/// a JSON string.
/// </summary>
internal sealed class Infotext
{
    public const string Negative = "Negative prompt:";

    /// <summary>As many pairs make a line the last one; a prompt may hold one or two by chance.</summary>
    private const int FewestPairs = 3;

    private const int MostPairs = 500, LongestName = 100;

    /// <summary>The bound on the search for a closing quote or bracket.</summary>
    private const int LongestValue = 64 << 10;

    private Infotext(string prompt, string? negative, IReadOnlyList<(string Name, string Value)> pairs) =>
        (Prompt, NegativePrompt, Pairs) = (prompt, negative, pairs);

    public string Prompt { get; }

    /// <summary>Null: there is none, which is not the same as an empty one.</summary>
    public string? NegativePrompt { get; }

    public IReadOnlyList<(string Name, string Value)> Pairs { get; }

    /// <summary>Says whether the text can be nothing else: a comment in a photo has neither.</summary>
    public bool IsCertain => Pairs.Count >= FewestPairs || NegativePrompt is not null;

    public string? this[string name] => Pairs.LastOrDefault(pair => pair.Name == name).Value;

    /// <summary>Reads a text as the web UI does, which drops spaces around lines.</summary>
    public static Infotext Parse(string text) => Parse(text.ReplaceLineEndings("\n").Trim().Split('\n'), line => line.Trim());

    /// <summary>Reads a text to the letter.</summary>
    public static Infotext ParseExactly(string text) => Parse(text.Split('\n'), line => line);

    private static Infotext Parse(string[] lines, Func<string, string> trimmed)
    {
        var end = LastLine(lines, out var pairs);
        List<string> prompt = [], negative = [];
        var isNegative = false;
        for (var at = 0; at < end; at++)
        {
            var line = trimmed(lines[at]);
            if (!isNegative && line.StartsWith(Negative, StringComparison.Ordinal))
            {
                isNegative = true;
                line = trimmed(line[Negative.Length..] is [' ', .. var rest] ? rest : line[Negative.Length..]);
            }
            (isNegative ? negative : prompt).Add(line);
        }
        return new Infotext(string.Join('\n', prompt), isNegative ? string.Join('\n', negative) : null, pairs);
    }

    /// <summary>Finds the line of pairs. It is the last one, but some extensions add further lines behind it.</summary>
    private static int LastLine(string[] lines, out IReadOnlyList<(string Name, string Value)> pairs)
    {
        for (var at = lines.Length - 1; at >= 0; at--)
        {
            if (at != lines.Length - 1 && !lines[at].TrimStart().StartsWith("Steps:", StringComparison.Ordinal))
                continue;
            pairs = PairsOf(lines[at]);
            if (pairs.Count >= FewestPairs)
                return at;
        }
        pairs = [];
        return lines.Length;
    }

    private static List<(string Name, string Value)> PairsOf(string line)
    {
        var pairs = new List<(string, string)>();
        for (var at = 0; at < line.Length && pairs.Count < MostPairs;)
        {
            var start = at;
            while (at < line.Length && IsOfName(line[at]))
                at++;
            var name = line[start..at].Trim();
            if (at == line.Length || line[at] != ':' || name.Length is < 2 or > LongestName || !IsWord(name[0]))
            {
                at = Math.Max(NextComma(line, at) + 1, start + 1);
                continue;
            }
            at++;
            while (at < line.Length && line[at] == ' ')
                at++;
            var end = EndOfValue(line, at);
            pairs.Add((name, Unquoted(line[at..end].Trim())));
            at = NextComma(line, end) + 1;
        }
        return pairs;
    }

    private static bool IsWord(char letter) => char.IsLetterOrDigit(letter) || letter == '_';

    private static bool IsOfName(char letter) => IsWord(letter) || letter is ' ' or '-' or '/';

    private static int NextComma(string line, int at) => line.IndexOf(',', at) is >= 0 and var comma ? comma : line.Length;

    /// <summary>Returns where a value ends: behind its closing quote or bracket, otherwise at the next comma.</summary>
    private static int EndOfValue(string line, int at)
    {
        if (at < line.Length && line[at] is '"' or '[' or '{')
        {
            var (depth, isQuoted) = (0, false);
            for (var end = at; end < Math.Min(line.Length, at + LongestValue); end++)
            {
                var letter = line[end];
                if (isQuoted && letter == '\\')
                    end++;
                else if (letter == '"')
                    isQuoted = !isQuoted;
                else if (!isQuoted && letter is '[' or '{')
                    depth++;
                else if (!isQuoted && letter is ']' or '}')
                    depth--;
                if (depth == 0 && !isQuoted)
                    return Math.Min(end + 1, line.Length);
            }
        }
        return NextComma(line, at);
    }

    private static string Unquoted(string value) =>
        value is ['"', .., '"'] && ToolJson.Parse(value) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : value;

    /// <summary>Reads a size such as <c>512x768</c>.</summary>
    public static (decimal Width, decimal Height)? Size(string? value)
    {
        var sides = value?.Split('x') ?? [];
        return sides.Length == 2 && Side(sides[0], out var width) && Side(sides[1], out var height) ? (width, height) : null;

        static bool Side(string text, out long side) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side <= int.MaxValue;
    }
}
