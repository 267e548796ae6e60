using System.Text.Json;
using GenApi.Sandbox.Files;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Painting;

namespace GenApi.Sandbox.Predictions;

/// <summary>
/// Fetches the files of an input, as a model's runner does before it calls the model: data URIs and files of the Files API. Other addresses
/// are trusted, because a sandbox connects to no one.
/// </summary>
internal sealed class InputPictures(UploadedFiles uploads)
{
    private const string Data = "data:";

    /// <param name="model">Knows which inputs are files.</param>
    /// <param name="input">Checked.</param>
    /// <returns>The pictures by the names of their inputs, or the error text of the run.</returns>
    public (IReadOnlyList<(string Name, SourcePicture Picture)> Pictures, string? Error) Fetch(ModelDefinition model, JsonElement input)
    {
        List<(string, SourcePicture)> pictures = [];
        foreach (var name in model.Inputs.Where(property => property.Format == "uri").Select(property => property.Name))
        {
            foreach (var address in Addresses(input, name))
            {
                var isHere = address.StartsWith(Data, StringComparison.OrdinalIgnoreCase)
                    || UploadedFiles.IsAddress(address) || uploads.FindByAddress(address) is not null;
                if (!isHere)
                    continue;
                if (Bytes(address) is not { } bytes)
                    return ([], $"Failed to download the input file {name}: 404 Not Found");
                if (SourcePicture.Open(bytes) is not { } picture)
                    return ([], $"cannot identify image file {name}");
                pictures.Add((name, picture));
            }
        }
        return (pictures, null);
    }

    private static IEnumerable<string> Addresses(JsonElement input, string name)
    {
        if (!input.TryGetProperty(name, out var value))
            return [];
        return value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)
            : [value.GetString()!];
    }

    private byte[]? Bytes(string address)
    {
        if (!address.StartsWith(Data, StringComparison.OrdinalIgnoreCase))
            return uploads.FindByAddress(address)?.Content;
        var comma = address.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !address.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
            return [];
        var bytes = new byte[address.Length];
        return Convert.TryFromBase64Chars(address.AsSpan(comma + 1), bytes, out var count) ? bytes[..count] : [];
    }
}
