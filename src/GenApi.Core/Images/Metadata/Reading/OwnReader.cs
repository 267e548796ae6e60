namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>Reads what <see cref="SettingsWriter"/> puts into copies of our images.</summary>
internal static class OwnReader
{
    private const string IdPrefix = Persistence.PublicId.Generation;

    /// <returns>Null if the picture is not ours.</returns>
    public static PictureSettings? Read(EmbeddedTexts texts)
    {
        string[] keywords = [SettingsText.PngKeyword, EmbeddedTexts.Comment];
        foreach (var text in keywords.Select(texts.Find).OfType<string>())
        {
            if (Infotext.ParseExactly(text) is var info && info[SettingsText.Model] is { } model
                && info[SettingsText.Generation] is { } id && id.StartsWith(IdPrefix, StringComparison.Ordinal))
            {
                var settings = Read(info, model, id);
                settings.Text = text;
                return settings;
            }
        }
        return null;
    }

    private static PictureSettings Read(Infotext info, string model, string id)
    {
        var settings = new PictureSettings(SettingsSource.Genapi)
        {
            Prompt = info.Prompt,
            NegativePrompt = info.NegativePrompt,
            Model = info[SettingsText.ModelVersion] is { } version ? $"{model}:{version}" : model,
            Seed = Number(SettingsText.Seed),
            Steps = Number(SettingsText.Steps),
            Guidance = Number(SettingsText.Guidance),
        };
        if (Infotext.Size(info[SettingsText.Size]) is { } size)
            (settings.Width, settings.Height) = size;
        settings.Add("Prompt", info.Prompt);
        if (info.NegativePrompt is { } negative)
            settings.Add(SettingsText.NegativePrompt, negative);
        foreach (var (name, value) in info.Pairs)
            settings.Add(name, value);
        if (info[SettingsText.Truncated] is not null)
        {
            settings.Note("The prompt was cut, because this picture format has no room for the rest. "
                + $"`GET /generations/{id}` has all of it, unless the generation was deleted.");
        }
        return settings;

        decimal? Number(string name) => info[name] is { } value ? ToolJson.Number(value) : null;
    }
}
