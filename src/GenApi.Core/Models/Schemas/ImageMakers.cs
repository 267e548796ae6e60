using System.Text.Json;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Core.Models.Schemas;

/// <summary>Recognises models that make images among the results of a search, by the description of their output.</summary>
internal static class ImageMakers
{
    private const int Deepest = 16;

    private static readonly string[] Endings =
        [".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".svg", ".bmp", ".tif", ".tiff", ".heic"];

    /// <summary>
    /// Returns false if the output is described and contains no file, or if the example shows files and none is an image. Without either,
    /// the model may make images.
    /// </summary>
    public static bool MayMakeImages(ReplicateModel model)
    {
        if (model.LatestVersion?.OpenApiSchema is { } document
            && InputSchemaReader.Find(document, "#/components/schemas/Output") is { ValueKind: JsonValueKind.Object } output
            && InputSchemaReader.Member(output, "type").ValueKind != JsonValueKind.Undefined
            && !HasFile(document, output, 0))
            return false;
        var files = PredictionOutput.Collect(model.DefaultExample?.Output);
        return files.Count == 0 || files.Any(IsImage);
    }

    private static bool HasFile(JsonElement document, JsonElement schema, int depth)
    {
        if (depth > Deepest)
            return true;
        return schema.ValueKind switch
        {
            JsonValueKind.Object => schema.EnumerateObject().Any(member => (member.Name, member.Value.ValueKind) switch
            {
                ("format", JsonValueKind.String) => member.Value.ValueEquals("uri"u8),
                ("$ref", JsonValueKind.String) => HasFile(document, InputSchemaReader.Find(document, member.Value.GetString()!), depth + 1),
                _ => HasFile(document, member.Value, depth + 1),
            }),
            JsonValueKind.Array => schema.EnumerateArray().Any(item => HasFile(document, item, depth + 1)),
            _ => false,
        };
    }

    private static bool IsImage(string address)
    {
        if (address.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
            return address.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase);
        var path = Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.AbsolutePath : address;
        return Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
    }
}
