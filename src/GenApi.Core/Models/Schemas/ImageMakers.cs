using System.Text.Json;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Core.Models.Schemas;

/// <summary>Recognises models that make images, by the description of their output and by their example.</summary>
internal static class ImageMakers
{
    private const int Deepest = 16;

    private static readonly string[] Endings =
        [".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".svg", ".bmp", ".tif", ".tiff", ".heic"];

    /// <summary>
    /// Returns false if the output is described and contains no file, or if the example shows files and none is an image. Without either,
    /// the model may make images.
    /// </summary>
    public static bool MayMakeImages(ReplicateModel model) =>
        MayMakeImages(model.LatestVersion?.OpenApiSchema, PredictionOutput.Collect(model.DefaultExample?.Output));

    /// <inheritdoc cref="MayMakeImages(ReplicateModel)"/>
    /// <param name="document">The OpenAPI document of the version; null: there is none.</param>
    /// <param name="examples">The addresses of the files that the example shows.</param>
    public static bool MayMakeImages(JsonElement? document, IReadOnlyCollection<string> examples)
    {
        if (document is { ValueKind: JsonValueKind.Object } described
            && InputSchemaReader.Find(described, "#/components/schemas/Output") is { ValueKind: JsonValueKind.Object } output
            && InputSchemaReader.Member(output, "type").ValueKind != JsonValueKind.Undefined
            && !HasFile(described, output, 0))
            return false;
        return examples.Count == 0 || examples.Any(IsImage);
    }

    /// <summary>Returns whether the output is described as a file or a list of files.</summary>
    /// <param name="document">The OpenAPI document of the version; null: there is none.</param>
    public static bool MakesFiles(JsonElement? document)
    {
        if (document is not { ValueKind: JsonValueKind.Object } described)
            return false;
        var output = InputSchemaReader.Find(described, "#/components/schemas/Output");
        if (Is(output, "type", "array"))
        {
            output = InputSchemaReader.Member(output, "items");
            if (InputSchemaReader.Member(output, "$ref") is { ValueKind: JsonValueKind.String } reference)
                output = InputSchemaReader.Find(described, reference.GetString()!);
        }
        return Is(output, "type", "string") && Is(output, "format", "uri");

        static bool Is(JsonElement schema, string member, string word) =>
            InputSchemaReader.Member(schema, member) is { ValueKind: JsonValueKind.String } value && value.ValueEquals(word);
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
