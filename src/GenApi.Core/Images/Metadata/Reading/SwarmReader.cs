using System.Text.Json;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>Reads SwarmUI: JSON under the keyword that others use for text, or as a comment.</summary>
internal static class SwarmReader
{
    private const string Parameters = "sui_image_params";

    /// <returns>Null if the picture is not by SwarmUI.</returns>
    public static PictureSettings? Read(EmbeddedTexts texts)
    {
        string[] keywords = ["parameters", EmbeddedTexts.Comment, EmbeddedTexts.Camera];
        var root = keywords.Select(keyword => ToolJson.ParseObject(texts.Find(keyword)))
            .FirstOrDefault(found => found?.Member(Parameters)?.ValueKind == JsonValueKind.Object);
        if (root is not { } whole || whole.Member(Parameters) is not { } image)
            return null;
        var settings = new PictureSettings(SettingsSource.Swarmui)
        {
            Prompt = image.Text("prompt"),
            NegativePrompt = image.Text("negativeprompt"),
            Seed = image.Number("seed"),
            Width = image.Number("width"),
            Height = image.Number("height"),
            Steps = image.Number("steps"),
            Guidance = image.Number("fluxguidancescale") ?? image.Number("cfgscale"),
            Checkpoint = image.Text("model"),
        };
        settings.AddAll(image);
        settings.Carry("prompt", "negativeprompt", "seed", "width", "height", "steps", "fluxguidancescale", "cfgscale", "model", "images",
            "aspectratio", "swarm_version");
        // The size is what an aspect ratio came to, and the rest describes the file.
        if (image.Member("loras") is { ValueKind: JsonValueKind.Array } loras)
        {
            ToolNotes.Loras([.. loras.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.String)
                .Select(each => each.GetString()!)], settings);
            settings.Carry("loras", "loraweights");
        }
        if (image.Member("initimage") is not null || image.Member("initimagecreativity") is not null)
        {
            ToolNotes.FromPicture(settings);
            settings.Carry("initimage", "initimagecreativity");
        }
        settings.NoteLeftOut();
        foreach (var member in whole.EnumerateObject().Where(member => member.Name != Parameters))
            settings.Add(member.Name, member.Value);
        return settings;
    }
}
