using System.Text.Json;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>Reads NovelAI: JSON as a comment, beside the prompt as a description; or both as one hidden text.</summary>
internal static class NovelAiReader
{
    public const string Comment = "Comment", Description = "Description", Software = "Software";

    private const string Name = "NovelAI";

    /// <returns>Null if the picture is not by NovelAI.</returns>
    public static PictureSettings? Read(EmbeddedTexts texts)
    {
        if (ToolJson.ParseObject(texts.Find(Comment)) is not { } image
            || (texts.Find(Software) != Name && (image.Member("uc") is null || image.Member("steps") is null)))
            return null;
        var settings = new PictureSettings(SettingsSource.Novelai)
        {
            Prompt = image.Text("prompt") ?? Caption(image, "v4_prompt") ?? texts.Find(Description),
            NegativePrompt = image.Text("uc") ?? Caption(image, "v4_negative_prompt"),
            Seed = image.Number("seed"),
            Width = image.Number("width"),
            Height = image.Number("height"),
            Steps = image.Number("steps"),
            Guidance = image.Number("scale"),
            Checkpoint = texts.Find("Source"),
        };
        settings.AddAll(image);
        settings.Carry("prompt", "v4_prompt", "uc", "v4_negative_prompt", "seed", "width", "height", "steps", "scale", "request_type",
            "signed_hash", "version", "n_samples");
        if (image.Text("request_type") is "Img2ImgRequest" or "NativeInfillingRequest")
            ToolNotes.FromPicture(settings);
        if (HasCharacters(image))
        {
            settings.Note("The prompt had parts for single characters, which were left out. "
                + "Their text is in `v4_prompt` of `settings`.");
        }
        settings.NoteLeftOut();
        return settings;
    }

    private static string? Caption(JsonElement image, string member) => image.Member(member)?.Member("caption")?.Text("base_caption");

    private static bool HasCharacters(JsonElement image) =>
        image.Member("v4_prompt")?.Member("caption")?.Member("char_captions") is { ValueKind: JsonValueKind.Array } characters
        && characters.GetArrayLength() > 0;
}
