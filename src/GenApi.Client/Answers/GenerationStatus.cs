using System.Text.Json;
using System.Text.Json.Serialization;

namespace GenApi.Client;

/// <summary>How far a generation is. It only goes on, from top to bottom; the last three are ends.</summary>
[JsonConverter(typeof(GenerationStatusConverter))]
public enum GenerationStatus
{
    /// <summary>A word that this version of the client does not know; no end.</summary>
    Unknown,

    /// <summary>It waits for its turn.</summary>
    Queued,

    /// <summary>Replicate has it, and its machine may have to boot.</summary>
    Starting,

    /// <summary>The model runs.</summary>
    Processing,

    /// <summary>The model has finished, and its output is being fetched and stored.</summary>
    Storing,

    /// <summary>Every output is stored.</summary>
    Succeeded,

    /// <summary>It ended without an output; its error says why.</summary>
    Failed,

    /// <summary>It was canceled.</summary>
    Canceled,
}

/// <summary>Reads and writes the words of the API, and takes new ones for <see cref="GenerationStatus.Unknown"/>.</summary>
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
