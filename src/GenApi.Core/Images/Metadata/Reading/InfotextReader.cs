namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>Reads the form of AUTOMATIC1111's web UI, which many other tools write too.</summary>
internal static class InfotextReader
{
    private static readonly string[] Keywords =
        [SettingsText.PngKeyword, EmbeddedTexts.Comment, EmbeddedTexts.JpegComment, EmbeddedTexts.Description];

    /// <returns>Null if no text of the picture has this form.</returns>
    public static PictureSettings? Read(EmbeddedTexts texts)
    {
        foreach (var keyword in Keywords)
        {
            // A camera may call anything a comment; under PNG's keyword a prompt may stand alone, and JSON is that of another tool.
            if (texts.Find(keyword) is { } text && Infotext.Parse(text) is var info
                && (info.IsCertain || (keyword == SettingsText.PngKeyword && !text.TrimStart().StartsWith('{'))))
            {
                var settings = Read(info);
                settings.Text = text;
                return settings;
            }
        }
        return null;
    }

    public static PictureSettings Read(Infotext info, SettingsSource source = SettingsSource.A1111)
    {
        var settings = new PictureSettings(source)
        {
            Prompt = info.Prompt,
            NegativePrompt = info.NegativePrompt,
            Seed = Number("Seed"),
            Steps = Number("Steps"),
            // Forge: a distilled model ignores the first scale, which is then 1.
            Guidance = Number("Distilled CFG Scale") ?? Number("CFG scale"),
            Checkpoint = info["Model"],
        };
        settings.Add("Prompt", info.Prompt);
        if (info.NegativePrompt is { } negative)
            settings.Add("Negative prompt", negative);
        foreach (var (name, value) in info.Pairs)
            settings.Add(name, value);
        settings.Carry("Prompt", "Negative prompt", "Seed", "Steps", "CFG scale", "Distilled CFG Scale", "Model", "Version");
        if (Infotext.Size(info["Size"]) is { } size)
        {
            (settings.Width, settings.Height) = size;
            settings.Carry("Size");
        }
        NotePasses(info, settings);
        ToolNotes.AddOns(info.Prompt, settings);
        settings.NoteLeftOut();
        return settings;

        decimal? Number(string name) => info[name] is { } value ? ToolJson.Number(value) : null;
    }

    private static void NotePasses(Infotext info, PictureSettings settings)
    {
        if (info.Pairs.Any(pair => pair.Name.StartsWith("Hires ", StringComparison.Ordinal)))
            ToolNotes.Enlarged(settings);
        else if (info["Denoising strength"] is not null)
            ToolNotes.FromPicture(settings);
        settings.Carry([.. info.Pairs.Select(pair => pair.Name).Where(
            name => name.StartsWith("Hires ", StringComparison.Ordinal) || name == "Denoising strength")]);
    }
}
