using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Persistence;

namespace GenApi.Core.Models.Inputs;

/// <summary>Finds the files among an input's values and replaces them. Data URIs of megabytes are examined in place.</summary>
internal static class InputFiles
{
    private const string KeyPrefix = "sha256:";
    private const int LongestId = 30, LongestDataHeader = 128;

    private static ReadOnlySpan<byte> DataScheme => "data:"u8;

    /// <summary>Returns whether the value is a file with bytes at hand: the id of an image or an upload, or a data URI.</summary>
    public static bool IsHeld(JsonElement value) => Held(value, isSurelyFile: true, out _);

    /// <summary>Adds the file in a value, or each file in a list.</summary>
    /// <param name="files">Created for the first file.</param>
    /// <param name="value">A string or a list of strings; anything else holds no file.</param>
    /// <param name="position">The position of the value; its text is ignored.</param>
    /// <param name="isPathWhole">Whether the caller gave one file where the model takes a list, so that the path has no index.</param>
    /// <param name="isSurelyFile">
    /// Whether the input is known to be a file. Otherwise a data URI must be base64, because a prompt may begin with "data:".
    /// </param>
    public static void Add(ref List<InputFile>? files, JsonElement value, InputFile position, bool isPathWhole, bool isSurelyFile)
    {
        if (Held(value, isSurelyFile, out var id))
            (files ??= []).Add(FileOf(position, value, id));
        if (value.ValueKind != JsonValueKind.Array)
            return;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var path = isPathWhole ? position.Path : $"{position.Path}[{index}]";
            if (Held(item, isSurelyFile, out id))
                (files ??= []).Add(FileOf(position with { Index = index, Path = path }, item, id));
            index++;
        }
    }

    /// <summary>Returns the members with a text in place of each file.</summary>
    /// <param name="members">The members of the input.</param>
    /// <param name="files">The files among them.</param>
    /// <param name="text">Returns the text for a file; null: the value stays.</param>
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

    /// <summary>Returns the text for the cache key: the hash of the bytes, however they were given.</summary>
    public static string? KeyText(InputFile file) => file.Sha256 is { } hash ? KeyPrefix + hash : SentText(file);

    /// <summary>Returns the text for the upstream: the id, which is replaced by an address later. A data URI stays.</summary>
    public static string? SentText(InputFile file) => file.IsData ? null : file.Id;

    private static InputFile FileOf(InputFile position, JsonElement value, string id) =>
        id.Length > 0 ? position with { Id = id } : position with { Data = value };

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

    /// <param name="value">Any value.</param>
    /// <param name="isSurelyFile">As for <see cref="Add"/>.</param>
    /// <param name="id">Empty for a data URI.</param>
    private static bool Held(JsonElement value, bool isSurelyFile, out string id)
    {
        id = "";
        // The cheap check first: nearly every value is a prompt, a word or a URL.
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

    /// <summary>Returns whether the first letters allow a file. An escape among them is unusual, but possible.</summary>
    private static bool MayBeHeld(ReadOnlySpan<byte> raw) => raw.Length >= DataScheme.Length
        && (raw.StartsWith("img_"u8) || raw.StartsWith("upl_"u8) || Ascii.EqualsIgnoreCase(raw[..DataScheme.Length], DataScheme)
            || raw[..Math.Min(raw.Length, LongestId)].Contains((byte)'\\'));
}
