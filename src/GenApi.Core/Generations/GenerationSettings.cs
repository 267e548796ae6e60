using System.Text.Json;
using GenApi.Core.Images;
using GenApi.Core.Images.Metadata;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Persistence;

namespace GenApi.Core.Generations;

/// <summary>Gathers the settings of a generation that go into copies of its images.</summary>
public static class GenerationSettings
{
    /// <summary>Reads them from the row and from its input, whatever the model calls them there.</summary>
    public static EmbeddedSettings Of(Generation generation, StoredImage image)
    {
        using var input = JsonDocument.Parse(generation.Input);
        return new EmbeddedSettings
        {
            Prompt = generation.Prompt,
            NegativePrompt = Find(input, CommonNames.NegativePrompt, JsonValueKind.String)?.GetString(),
            Model = generation.Model,
            Version = generation.Version,
            Seed = generation.Seed,
            Steps = Find(input, CommonNames.Steps, JsonValueKind.Number) is { } steps && steps.TryGetInt32(out var count) ? count : null,
            Guidance = Find(input, CommonNames.Guidance, JsonValueKind.Number) is { } guidance && guidance.TryGetDouble(out var scale)
                ? scale
                : null,
            Width = image.Width,
            Height = image.Height,
            GenerationId = PublicId.Format(PublicId.Generation, generation.Id),
            CreatedAt = generation.CreatedAt,
        };
    }

    private static JsonElement? Find(JsonDocument input, string common, JsonValueKind kind)
    {
        foreach (var name in CommonNames.OwnNames(common))
        {
            if (input.RootElement.TryGetProperty(name, out var value) && value.ValueKind == kind)
                return value;
        }
        return null;
    }
}
