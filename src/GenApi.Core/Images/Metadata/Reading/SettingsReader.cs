namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>
/// Reads the settings that image tools put into their pictures. Whatever the bytes are, it ends soon and throws nothing: texts, graphs and
/// nesting are bounded, and what is damaged shows nothing.
/// </summary>
public static class SettingsReader
{
    // Tools that share a keyword with others come before those whose form they extend.
    private static readonly Func<EmbeddedTexts, PictureSettings?>[] Readers =
    [
        OwnReader.Read, SwarmReader.Read, FooocusReader.Read, InvokeReader.Read, NovelAiReader.Read, ComfyReader.Read, InfotextReader.Read,
    ];

    /// <param name="image">The bytes of a picture that was accepted as one.</param>
    /// <returns>Null if it carries no settings.</returns>
    public static PictureSettings? Read(ReadOnlyMemory<byte> image)
    {
        var texts = EmbeddedTexts.Read(image);
        var found = Read(texts);
        if (found is not null || HiddenText.Find(image) is not { } hidden)
            return found;
        texts.AddHidden(hidden);
        return Read(texts);
    }

    /// <summary>Returns the first settings with a prompt; without one, the first.</summary>
    private static PictureSettings? Read(EmbeddedTexts texts)
    {
        PictureSettings? first = null;
        foreach (var reader in Readers)
        {
            if (reader(texts) is not { } found)
                continue;
            if (!string.IsNullOrWhiteSpace(found.Prompt))
                return found;
            first ??= found;
        }
        return first;
    }
}
