using System.Text.Json;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>
/// Reads Fooocus, which writes JSON or the form of AUTOMATIC1111's web UI and says which. Its logs of the first versions have the same
/// names with capitals and spaces.
/// </summary>
internal static class FooocusReader
{
    private const string JsonScheme = "fooocus", TextScheme = "a1111";

    /// <returns>Null if the picture is not by Fooocus.</returns>
    public static PictureSettings? Read(EmbeddedTexts texts)
    {
        var scheme = texts.Find("fooocus_scheme") ?? texts.Find(EmbeddedTexts.MakerNote);
        var text = texts.Find("parameters") ?? texts.Find(EmbeddedTexts.Comment);
        return scheme switch
        {
            JsonScheme when ToolJson.ParseObject(text) is { } image => Read(image),
            TextScheme when text is not null => InfotextReader.Read(Infotext.Parse(text), SettingsSource.Fooocus),
            _ => null,
        };
    }

    private static PictureSettings Read(JsonElement image)
    {
        // By their names in lower case without what stands between words.
        var members = new Dictionary<string, JsonElement>();
        foreach (var member in image.EnumerateObject())
            members[Plain(member.Name)] = member.Value;
        var settings = new PictureSettings(SettingsSource.Fooocus)
        {
            Prompt = Text("prompt"),
            NegativePrompt = Text("negativeprompt"),
            Seed = Number("seed"),
            Steps = Number("steps"),
            Guidance = Number("guidancescale"),
            Checkpoint = Text("basemodel"),
        };
        settings.AddAll(image);
        if (Infotext.Size(Text("resolution")?.Trim('(', ')').Replace(", ", "x", StringComparison.Ordinal)) is { } size)
            (settings.Width, settings.Height) = size;
        string[] carried =
        [
            "prompt", "negativeprompt", "seed", "steps", "guidancescale", "basemodel", "resolution", "styles", "fullprompt",
            "fullnegativeprompt", "promptexpansion", "version", "metadatascheme", "createdby", "loras",
        ];
        settings.Carry([.. image.EnumerateObject().Select(member => member.Name).Where(name => carried.Contains(Plain(name)))]);
        if (members.ContainsKey("fullprompt") || members.ContainsKey("styles"))
        {
            settings.Note("Fooocus added the words of its styles to the prompt. The request has the prompt as it was typed; "
                + "`settings` has what was added.");
        }
        if (members.GetValueOrDefault("loras") is { ValueKind: JsonValueKind.Array } loras)
        {
            var names = loras.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.Array && each.GetArrayLength() > 0)
                .Select(each => each[0]).Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!);
            ToolNotes.Loras([.. names], settings);
        }
        settings.NoteLeftOut();
        return settings;

        string? Text(string name) =>
            members.GetValueOrDefault(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

        decimal? Number(string name) => members.TryGetValue(name, out var value) ? ToolJson.Number(value) : null;
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal)
        .Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
}
