using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using GenApi.Core.Images;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Core.Generations;

/// <summary>
/// A model's output without its files, in the form stored in the row: <c>{"at":[0,3],"value":…}</c>. The value has null in place of each
/// file, and <c>at</c> gives for each file the number of that scalar in the value. The ids of the files are put in when it is read, and a
/// deleted file leaves null.
/// </summary>
internal static class OutputDocument
{
    /// <summary>
    /// The stored form of an output that is one file by itself. It has no values either, but doors return such an output as a text, and a
    /// list with one file as a list.
    /// </summary>
    internal const string OneFile = """{"at":[0],"value":null}""";

    /// <summary>Writes the output for the row.</summary>
    /// <returns>Null: there is nothing, or a list of files; <see cref="OneFile"/>: there is one file by itself.</returns>
    public static string? Write(OutputContent content) =>
        content.Values is { } values ? $$"""{"at":[{{string.Join(',', content.Places)}}],"value":{{values}}}"""
        : content.IsOneFile ? OneFile : null;

    /// <summary>Returns whether there are values besides files.</summary>
    /// <param name="stored">As <see cref="Write(OutputContent)"/> returned it.</param>
    public static bool HasValues([NotNullWhen(true)] string? stored) => stored is not (null or OneFile);

    /// <summary>Writes the output in the shape that the model gave it, with a text for each file.</summary>
    /// <param name="json">Gets one value.</param>
    /// <param name="stored">As <see cref="Write(OutputContent)"/> returned it.</param>
    /// <param name="files">Of the generation.</param>
    /// <param name="writeFile">Writes the text for a file.</param>
    public static void WriteShape(
        Utf8JsonWriter json, string? stored, IReadOnlyList<StoredImage> files, Action<Utf8JsonWriter, StoredImage> writeFile)
    {
        if (stored is null)
        {
            json.WriteStartArray();
            foreach (var file in files)
                writeFile(json, file);
            json.WriteEndArray();
            return;
        }
        using var document = JsonDocument.Parse(stored);
        var places = PlacesOf(document);
        var byPlace = files.Where(file => file.Index < places.Length).ToDictionary(file => places[file.Index]);
        var scalar = 0;
        Write(json, document.RootElement.GetProperty("value"), byPlace, writeFile, ref scalar);
    }

    /// <summary>Reads the value, with the ids of those files that are stored.</summary>
    /// <param name="stored">As <see cref="Write(OutputContent)"/> returned it.</param>
    /// <param name="files">Of the generation.</param>
    public static JsonElement Read(string stored, IReadOnlyList<StoredImage> files)
    {
        using var document = JsonDocument.Parse(stored);
        var places = PlacesOf(document);
        var byPlace = files.Where(file => file.Index < places.Length).ToDictionary(file => places[file.Index]);
        var buffer = new ArrayBufferWriter<byte>(stored.Length);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            var scalar = 0;
            Write(
                json, document.RootElement.GetProperty("value"), byPlace, static (to, file) => to.WriteStringValue(file.PublicId),
                ref scalar);
        }
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    /// <summary>
    /// Lists where each file stood, by its index, such as <c>video</c> or <c>images[0]</c>; at most <see cref="LongestName"/> characters.
    /// </summary>
    public static IReadOnlyList<string> Names(string stored)
    {
        using var document = JsonDocument.Parse(stored);
        var places = PlacesOf(document);
        var names = new string[places.Length];
        var (scalar, next) = (0, 0);
        Name(document.RootElement.GetProperty("value"), "", places, names, ref scalar, ref next);
        return names;
    }

    public const int LongestName = 200;

    private static int[] PlacesOf(JsonDocument document) =>
        [.. document.RootElement.GetProperty("at").EnumerateArray().Select(place => place.GetInt32())];

    private static void Write(
        Utf8JsonWriter json, JsonElement element, Dictionary<int, StoredImage> files, Action<Utf8JsonWriter, StoredImage> writeFile,
        ref int scalar)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(json, item, files, writeFile, ref scalar);
                json.WriteEndArray();
                break;
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    json.WritePropertyName(member.Name);
                    Write(json, member.Value, files, writeFile, ref scalar);
                }
                json.WriteEndObject();
                break;
            default:
                if (files.TryGetValue(scalar++, out var file))
                    writeFile(json, file);
                else
                    element.WriteTo(json);
                break;
        }
    }

    private static void Name(JsonElement element, string path, int[] places, string[] names, ref int scalar, ref int next)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                    Name(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), places, names, ref scalar, ref next);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                    Name(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", places, names, ref scalar, ref next);
                break;
            default:
                if (next < places.Length && places[next] == scalar++)
                    names[next++] = path.Length > LongestName ? path[..LongestName] : path;
                break;
        }
    }
}
