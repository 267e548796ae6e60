using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Persistence;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Finds the files among an input's values, and puts something else in their place. Data URIs of megabytes are looked at where they
/// stand.
/// </summary>
internal static class InputFiles
{
    private const string KeyPrefix = "sha256:";
    private const int LongestId = 30, LongestDataHeader = 128;

    private static ReadOnlySpan<byte> DataScheme => "data:"u8;

    /// <summary>Whether the value is a file whose bytes are here: the id of an image or an upload, or a data URI.</summary>
    public static bool IsHeld(JsonElement value) => Held(value, isSurelyFile: true, out _);

    /// <summary>Adds the file that a value is, or each that a list holds.</summary>
    /// <param name="files">Made when there is one.</param>
    /// <param name="value">A string or a list of strings; anything else holds no file.</param>
    /// <param name="place">Where it stands; its text is not looked at.</param>
    /// <param name="isPathWhole">Whether the caller gave one file where the model takes a list, so that its path has no place in a list.</param>
    /// <param name="isSurelyFile">
    /// Whether the input is known to be a file. Otherwise a data URI has to be in base64, because a prompt may begin with "data:".
    /// </param>
    public static void Add(ref List<InputFile>? files, JsonElement value, InputFile place, bool isPathWhole, bool isSurelyFile)
    {
        if (Held(value, isSurelyFile, out var id))
            (files ??= []).Add(FileOf(place, value, id));
        if (value.ValueKind != JsonValueKind.Array)
            return;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var path = isPathWhole ? place.Path : $"{place.Path}[{index}]";
            if (Held(item, isSurelyFile, out id))
                (files ??= []).Add(FileOf(place with { Index = index, Path = path }, item, id));
            index++;
        }
    }

    /// <summary>The members with the text of each file in the place where it stands.</summary>
    /// <param name="members">Of the input.</param>
    /// <param name="files">Those among the members.</param>
    /// <param name="text">Null: the value stays as it is.</param>
    public static KeyValuePair<string, JsonElement>[] Write(
        IEnumerable<KeyValuePair<string, JsonElement>> members, IReadOnlyList<InputFile> files, Func<InputFile, string?> text)
    {
        var texts = files.Select(file => (File: file, Text: text(file))).Where(each => each.Text is not null)
            .ToLookup(each => each.File.Name);
        return
        [
            .. members.Select(member => texts.Contains(member.Key) ? new(member.Key, Write(member.Value, texts[member.Key])) : member),
        ];
    }

    /// <summary>For the key: what the bytes are, however they were given.</summary>
    public static string? KeyText(InputFile file) => file.Sha256 is { } hash ? KeyPrefix + hash : SentText(file);

    /// <summary>For the upstream: the id, whose place an address takes later. A data URI stays as it is.</summary>
    public static string? SentText(InputFile file) => file.IsData ? null : file.Id;

    private static InputFile FileOf(InputFile place, JsonElement value, string id) =>
        id.Length > 0 ? place with { Id = id } : place with { Data = value };

    private static JsonElement Write(JsonElement value, IEnumerable<(InputFile File, string? Text)> texts)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return JsonElement.Parse(JsonSerializer.SerializeToUtf8Bytes(texts.First().Text));
        var byIndex = texts.ToDictionary(each => each.File.Index!.Value, each => each.Text);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                if (byIndex.TryGetValue(index++, out var text))
                    writer.WriteStringValue(text);
                else
                    writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(item), skipInputValidation: true);
            }
            writer.WriteEndArray();
        }
        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }

    /// <param name="value">Any.</param>
    /// <param name="isSurelyFile">As for <see cref="Add"/>.</param>
    /// <param name="id">Empty for a data URI.</param>
    private static bool Held(JsonElement value, bool isSurelyFile, out string id)
    {
        id = "";
        // Before anything is made of it: nearly every value is a prompt, a word or a URL.
        if (value.ValueKind != JsonValueKind.String || !MayBeHeld(JsonMarshal.GetRawUtf8Value(value)[1..^1]))
            return false;
        var plain = JsonCharacters.Plain(value);
        if (plain.Length >= DataScheme.Length && Ascii.EqualsIgnoreCase(plain[..DataScheme.Length], DataScheme))
        {
            var comma = plain.IndexOf((byte)',');
            if (comma < 0 || isSurelyFile)
                return comma >= 0;
            var header = Encoding.UTF8.GetString(plain[..Math.Min(comma + 1, LongestDataHeader)]);
            return header.EndsWith(";base64,", StringComparison.OrdinalIgnoreCase);
        }
        if (plain.Length > LongestId)
            return false;
        id = Encoding.UTF8.GetString(plain);
        if (PublicId.NamesFile(id))
            return true;
        id = "";
        return false;
    }

    /// <summary>An escape among the first letters is odd, but it may be one of these.</summary>
    private static bool MayBeHeld(ReadOnlySpan<byte> raw) => raw.Length >= DataScheme.Length
        && (raw.StartsWith("img_"u8) || raw.StartsWith("upl_"u8) || Ascii.EqualsIgnoreCase(raw[..DataScheme.Length], DataScheme)
            || raw[..Math.Min(raw.Length, LongestId)].Contains((byte)'\\'));
}
