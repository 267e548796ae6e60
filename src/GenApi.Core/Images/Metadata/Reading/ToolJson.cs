using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>
/// Reads JSON as image tools write it. Python writes NaN and Infinity, which are no JSON and are read as null. Half of a surrogate pair
/// becomes U+FFFD and U+0000 disappears, so every string can be read and written.
/// </summary>
internal static class ToolJson
{
    /// <summary>In characters.</summary>
    public const int LongestText = 1 << 20;

    private const int Deepest = 32, LongestNumber = 64, EscapeLength = 6;

    private static readonly string[] NoNumbers = ["NaN", "Infinity", "-Infinity"];

    /// <returns>Null if it is no JSON, too long or nested too deep.</returns>
    public static JsonElement? Parse(string text)
    {
        if (text.Length > LongestText)
            return null;
        try
        {
            // By way of bytes, because the parser refuses a text with half of a surrogate pair.
            var utf8 = Encoding.UTF8.GetBytes(Sound(text.Trim('\uFEFF', '\0', ' ', '\r', '\n', '\t')));
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = Deepest });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>Null if it is no JSON object.</returns>
    public static JsonElement? ParseObject(string? text) =>
        text is not null && Parse(text) is { ValueKind: JsonValueKind.Object } found ? found : null;

    /// <summary>Returns a member of an object; null if it is absent or null, or if this is no object.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    /// <summary>Returns a member that is a string; otherwise null.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>Returns a member that is a number, or a string that spells one; otherwise null.</summary>
    public static decimal? Number(this JsonElement element, string name) => element.Member(name) is { } value ? Number(value) : null;

    /// <inheritdoc cref="Number(JsonElement, string)"/>
    public static decimal? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => Number(value.GetRawText()),
        JsonValueKind.String => Number(value.GetString()!),
        _ => null,
    };

    /// <returns>Null for anything else than a number.</returns>
    public static decimal? Number(string text) =>
        text.Length <= LongestNumber && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>Returns a text that can be written as JSON: without U+0000 and half of a surrogate pair.</summary>
    public static string Clean(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace("\0", "", StringComparison.Ordinal)));

    private static string Sound(string text)
    {
        var result = new StringBuilder(text.Length);
        var isInString = false;
        for (var at = 0; at < text.Length;)
        {
            var count = 1;
            if (isInString && text[at] == '\\')
                count = Escape(text, at, result);
            else if (!isInString && NoNumber(text, at) is { } word)
            {
                result.Append("null");
                count = word.Length;
            }
            else
            {
                isInString ^= text[at] == '"';
                result.Append(text[at]);
            }
            at += count;
        }
        return result.ToString();
    }

    private static string? NoNumber(string text, int at) => text[at] is 'N' or 'I' or '-'
        ? Array.Find(NoNumbers, word => string.CompareOrdinal(text, at, word, 0, word.Length) == 0)
        : null;

    /// <summary>Copies an escape, or what takes its place, and returns its length.</summary>
    private static int Escape(string text, int at, StringBuilder result)
    {
        if (UnitAt(text, at) is not { } unit)
        {
            var length = Math.Min(2, text.Length - at);
            result.Append(text, at, length);
            return length;
        }
        if (char.IsHighSurrogate(unit) && UnitAt(text, at + EscapeLength) is { } low && char.IsLowSurrogate(low))
        {
            result.Append(unit).Append(low);
            return 2 * EscapeLength;
        }
        if (char.IsSurrogate(unit))
            result.Append('\uFFFD');
        else if (unit != '\0')
            result.Append(text, at, EscapeLength);
        return EscapeLength;
    }

    private static char? UnitAt(string text, int at) =>
        at + EscapeLength <= text.Length && text[at] == '\\' && text[at + 1] == 'u'
            && ushort.TryParse(text.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
                ? (char)unit
                : null;
}
