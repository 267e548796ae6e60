using System.Text.Json;
using GenApi.Core.Models.Inputs;

namespace GenApi.Core.Generations;

/// <summary>
/// A file that a generation's input names by one of our ids, with the bytes it stood for when the request was accepted. So what is sent
/// upstream does not depend on what has become of the id since.
/// </summary>
/// <param name="Name">The model's own name of the input.</param>
/// <param name="Index">Its position in a list of files; null where the input is one file.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="ContentType">As the bytes themselves show.</param>
internal sealed record GenerationFile(string Name, int? Index, string Sha256, string ContentType)
{
    /// <summary>Writes the files for the row; null when there are none.</summary>
    public static string? Write(IReadOnlyList<InputFile> files)
    {
        GenerationFile[] named =
        [
            .. files.Where(file => !file.IsData).Select(file => new GenerationFile(file.Name, file.Index, file.Sha256!, file.ContentType!)),
        ];
        return named.Length == 0 ? null : JsonSerializer.Serialize(named);
    }

    /// <summary>Finds the text in the file's place in an input as the upstream shows it; null where there is none.</summary>
    public string? AddressIn(JsonElement input)
    {
        if (!input.TryGetProperty(Name, out var value))
            return null;
        if (Index is { } index)
            value = value.ValueKind == JsonValueKind.Array && index < value.GetArrayLength() ? value[index] : default;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    public static GenerationFile[] Read(string? files) => files is null ? [] : JsonSerializer.Deserialize<GenerationFile[]>(files)!;
}
