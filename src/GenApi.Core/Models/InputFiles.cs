using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GenApi.Core.Persistence;

namespace GenApi.Core.Models;

/// <summary>Finds the files among an input's values, and puts something else in their place.</summary>
internal static class InputFiles
{
    private const string DataScheme = "data:";

    private const string KeyPrefix = "sha256:";
    private const int LongestId = 30, LongestDataHeader = 128;

    /// <summary>The string that a value is, when that is a file whose bytes are here; else null.</summary>
    public static string? HeldText(JsonElement value)
    {
        // Before a string is made of it: nearly every value is a prompt, a word or a URL.
        if (value.ValueKind != JsonValueKind.String || !MayBeHeld(JsonMarshal.GetRawUtf8Value(value)[1..^1]))
            return null;
        var text = value.GetString()!;
        return PublicId.NamesFile(text) || (IsData(text) && text.Contains(',', StringComparison.Ordinal)) ? text : null;
    }

    /// <summary>As <see cref="HeldText"/>, for an input of which nobody says that it is a file: a prompt may begin with "data:".</summary>
    public static string? SurelyHeldText(JsonElement value) =>
        HeldText(value) is { } text && (!IsData(text) || text.AsSpan(0, Math.Min(text.Length, LongestDataHeader)).Contains(";base64,", StringComparison.OrdinalIgnoreCase))
            ? text
            : null;

    public static bool IsData(string text) => text.StartsWith(DataScheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds the file that a value is, or each that a list holds.</summary>
    /// <param name="files">Made when there is one.</param>
    /// <param name="value">A string or a list of strings; anything else holds no file.</param>
    /// <param name="place">Where it stands; its text is not looked at.</param>
    /// <param name="isPathWhole">Whether the caller gave one file where the model takes a list, so that its path has no place in a list.</param>
    /// <param name="held">Either of the two above.</param>
    public static void Add(ref List<InputFile>? files, JsonElement value, InputFile place, bool isPathWhole, Func<JsonElement, string?> held)
    {
        if (held(value) is { } text)
            (files ??= []).Add(place with { Text = text });
        if (value.ValueKind != JsonValueKind.Array)
            return;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (held(item) is { } member)
                (files ??= []).Add(place with { Text = member, Index = index, Path = isPathWhole ? place.Path : $"{place.Path}[{index}]" });
            index++;
        }
    }

    /// <summary>The members with the text of each file in the place where it stands.</summary>
    public static KeyValuePair<string, JsonElement>[] Write(
        IEnumerable<KeyValuePair<string, JsonElement>> members, IReadOnlyList<InputFile> files, Func<InputFile, string> text) =>
        [.. members.Select(member => files.Any(file => file.Name == member.Key) ? KeyValuePair.Create(member.Key, Write(member, files, text)) : member)];

    /// <summary>For the key: what the bytes are, however they were given.</summary>
    public static string KeyText(InputFile file) => file.Sha256 is { } hash ? KeyPrefix + hash : file.Text;

    private static JsonElement Write(KeyValuePair<string, JsonElement> member, IReadOnlyList<InputFile> files, Func<InputFile, string> text)
    {
        var own = files.Where(file => file.Name == member.Key).ToList();
        if (member.Value.ValueKind != JsonValueKind.Array)
            return Text(text(own[0]));
        var items = member.Value.EnumerateArray()
            .Select((item, index) => own.Find(file => file.Index == index) is { } file ? Text(text(file)).GetRawText() : item.GetRawText());
        return JsonElement.Parse($"[{string.Join(',', items)}]");
    }

    /// <summary>An escape among the first letters is odd, but it may be one of these.</summary>
    private static bool MayBeHeld(ReadOnlySpan<byte> raw) => raw.Length >= DataScheme.Length
        && (raw.StartsWith("img_"u8) || raw.StartsWith("upl_"u8) || Ascii.EqualsIgnoreCase(raw[..DataScheme.Length], "data:"u8)
            || raw[..Math.Min(raw.Length, LongestId)].Contains((byte)'\\'));

    private static JsonElement Text(string text) => JsonElement.Parse(JsonSerializer.SerializeToUtf8Bytes(text));
}
