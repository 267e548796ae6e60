using System.Text.Json;
using System.Text.Json.Serialization;

namespace GenApi.Client;

/// <summary>The status of a generation. It only moves forward, from top to bottom; the last three are final.</summary>
[JsonConverter(typeof(GenerationStatusConverter))]
public enum GenerationStatus
{
    /// <summary>A status that this version of the client does not know; not final.</summary>
    Unknown,

    /// <summary>The generation waits for its turn.</summary>
    Queued,

    /// <summary>Replicate has accepted the run; its machine may have to boot.</summary>
    Starting,

    /// <summary>The model runs.</summary>
    Processing,

    /// <summary>The model has finished, and its output is being fetched and stored.</summary>
    Storing,

    /// <summary>Every output is stored.</summary>
    Succeeded,

    /// <summary>The generation ended without an output; its error gives the reason.</summary>
    Failed,

    /// <summary>The generation was canceled.</summary>
    Canceled,
}

/// <summary>Reads and writes the API's words. A new word becomes <see cref="GenerationStatus.Unknown"/>.</summary>
internal sealed class GenerationStatusConverter : JsonConverter<GenerationStatus>
{
    public static string Word(GenerationStatus status) => status.ToString().ToLowerInvariant();

    public override GenerationStatus Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { Length: > 0 } word && char.IsAsciiLetter(word[0])
            && Enum.TryParse<GenerationStatus>(word, ignoreCase: true, out var status)
            ? status
            : GenerationStatus.Unknown;

    public override void Write(Utf8JsonWriter writer, GenerationStatus value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Word(value));
}
