using System.Text.Json;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>Reads InvokeAI: <c>invokeai_metadata</c> since version 3, <c>sd-metadata</c> and <c>Dream</c> before.</summary>
internal static class InvokeReader
{
    /// <returns>Null if the picture is not by InvokeAI.</returns>
    public static PictureSettings? Read(EmbeddedTexts texts)
    {
        if (ToolJson.ParseObject(texts.Find("invokeai_metadata")) is { } metadata)
            return ReadMetadata(metadata);
        if (ToolJson.ParseObject(texts.Find("sd-metadata")) is { } old && old.Member("image") is { ValueKind: JsonValueKind.Object } image)
            return ReadOld(old, image);
        return texts.Find("Dream") is { } command ? DreamCommand.Read(command) : null;
    }

    private static PictureSettings ReadMetadata(JsonElement metadata)
    {
        var settings = new PictureSettings(SettingsSource.Invokeai)
        {
            Prompt = metadata.Text("positive_prompt"),
            NegativePrompt = metadata.Text("negative_prompt"),
            Seed = metadata.Number("seed"),
            Width = metadata.Number("width"),
            Height = metadata.Number("height"),
            Steps = metadata.Number("steps"),
            Guidance = metadata.Number("guidance") ?? metadata.Number("cfg_scale"),
            Checkpoint = metadata.Member("model") is { } model ? NameOf(model) : null,
        };
        settings.AddAll(metadata);
        settings.Carry(
            "positive_prompt", "negative_prompt", "seed", "width", "height", "steps", "guidance", "cfg_scale", "model", "generation_mode",
            "app_version", "rand_device", "loras");
        if (metadata.Text("generation_mode") is { } mode && !mode.Contains("txt2img", StringComparison.Ordinal))
        {
            ToolNotes.FromPicture(settings);
            settings.Carry("strength", "init_image");
        }
        if (metadata.Member("loras") is { ValueKind: JsonValueKind.Array } loras)
        {
            ToolNotes.Loras([.. loras.EnumerateArray().Select(each => each.Member("model") ?? each.Member("lora") ?? each)
                .Select(NameOf).OfType<string>()], settings);
        }
        settings.NoteLeftOut();
        return settings;
    }

    private static string? NameOf(JsonElement model) => model.ValueKind == JsonValueKind.String
        ? model.GetString()
        : model.Text("name") ?? model.Text("model_name");

    private static PictureSettings ReadOld(JsonElement whole, JsonElement image)
    {
        var (prompt, negative) = DreamCommand.Split(PromptOf(image));
        var settings = new PictureSettings(SettingsSource.Invokeai)
        {
            Prompt = prompt,
            NegativePrompt = negative,
            Seed = image.Number("seed"),
            Width = image.Number("width"),
            Height = image.Number("height"),
            Steps = image.Number("steps"),
            Guidance = image.Number("cfg_scale"),
            Checkpoint = whole.Text("model_weights") ?? whole.Text("model"),
        };
        settings.AddAll(image);
        settings.Carry("prompt", "seed", "width", "height", "steps", "cfg_scale", "type");
        if (image.Text("type") is "img2img")
            ToolNotes.FromPicture(settings);
        settings.NoteLeftOut();
        foreach (var member in whole.EnumerateObject().Where(member => member.Name != "image"))
            settings.Add(member.Name, member.Value);
        return settings;
    }

    /// <summary>A prompt is a text, or parts that each have a weight.</summary>
    private static string? PromptOf(JsonElement image) => image.Member("prompt") switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Array } parts => string.Join(
            ", ", parts.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.String ? part.GetString() : part.Text("prompt"))
                .Where(part => !string.IsNullOrWhiteSpace(part))),
        _ => null,
    };
}
