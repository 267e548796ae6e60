using System.Text;
using System.Text.Json;

namespace GenApi.Core.Generations;

/// <summary>
/// Removes the input from the text of an error, for the log: models quote the prompt in their errors, and no input is logged. Three
/// consecutive words that also stand in a text of the input are removed, and so is an input of one or two words.
/// </summary>
internal static class UnquotedError
{
    private const int Together = 3;

    /// <summary>Letters above this one belong to scripts without spaces, so each counts as a word.</summary>
    private const char FirstOfScriptsWithoutSpaces = '\u2e80';

    /// <param name="error">At most some thousand characters.</param>
    /// <param name="input">A JSON object.</param>
    public static string Of(string error, string input)
    {
        var words = Words(error);
        var isQuoted = new bool[words.Count];
        using var document = JsonDocument.Parse(input);
        Mark(document.RootElement, Sequences(words), isQuoted);
        return Without(error, words, isQuoted);
    }

    private static void Mark(JsonElement value, ILookup<string, int> places, bool[] isQuoted)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Mark(Words(value.GetString()!), places, isQuoted);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    Mark(item, places, isQuoted);
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                    Mark(member.Value, places, isQuoted);
                break;
        }
    }

    private static void Mark(List<Word> text, ILookup<string, int> places, bool[] isQuoted)
    {
        var length = Math.Min(text.Count, Together);
        for (var at = 0; length > 0 && at + length <= text.Count; at++)
        {
            foreach (var place in places[Sequence(text, at, length)])
                Array.Fill(isQuoted, true, place, length);
        }
    }

    /// <summary>Indexes the positions of one, two and three consecutive words.</summary>
    private static ILookup<string, int> Sequences(List<Word> words) => (
        from length in Enumerable.Range(1, Together)
        from at in Enumerable.Range(0, Math.Max(0, words.Count - length + 1))
        select (Key: Sequence(words, at, length), At: at)).ToLookup(each => each.Key, each => each.At, StringComparer.OrdinalIgnoreCase);

    private static string Sequence(List<Word> words, int at, int length) =>
        string.Join(' ', words.GetRange(at, length).Select(word => word.Text));

    private static List<Word> Words(string text)
    {
        var words = new List<Word>();
        for (var at = 0; at < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[at]) && !char.IsSurrogate(text[at]))
            {
                at++;
                continue;
            }
            var end = at + 1;
            while (text[at] < FirstOfScriptsWithoutSpaces && end < text.Length && char.IsLetterOrDigit(text[end])
                && text[end] < FirstOfScriptsWithoutSpaces)
                end++;
            words.Add(new(text[at..end], at, end));
            at = end;
        }
        return words;
    }

    private static string Without(string error, List<Word> words, bool[] isQuoted)
    {
        var text = new StringBuilder();
        var from = 0;
        for (var at = 0; at < words.Count; at++)
        {
            if (!isQuoted[at])
                continue;
            var last = at;
            while (last + 1 < words.Count && isQuoted[last + 1])
                last++;
            text.Append(error, from, words[at].Start - from).Append('…');
            (from, at) = (words[last].End, last);
        }
        return from == 0 ? error : text.Append(error, from, error.Length - from).ToString();
    }

    private sealed record Word(string Text, int Start, int End);
}
