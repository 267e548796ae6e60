namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>The notes that several tools need.</summary>
internal static class ToolNotes
{
    private const int MostNames = 10;

    private static readonly string[] AddOnTags = ["<lora:", "<lyco:", "<hypernet:"];

    public static void FromPicture(PictureSettings settings) =>
        settings.Note("The picture was made from another picture, which the file does not hold. "
            + "The request makes a new one from the prompt alone.");

    public static void Enlarged(PictureSettings settings) =>
        settings.Note("The picture was enlarged after it was made. The request has the size of the first pass.");

    public static void Loras(IReadOnlyCollection<string> names, PictureSettings settings)
    {
        if (names.Count == 0)
            return;
        var more = names.Count > MostNames ? $" and {names.Count - MostNames} more" : "";
        settings.Note($"The picture was made with LoRA weights, which were left out: "
            + $"{string.Join(", ", names.Take(MostNames).Select(PictureSettings.Quoted))}{more}.");
    }

    /// <summary>Notes the tags in a prompt that load weights.</summary>
    public static void AddOns(string? prompt, PictureSettings settings)
    {
        if (prompt is not null && Array.Exists(AddOnTags, tag => prompt.Contains(tag, StringComparison.OrdinalIgnoreCase)))
        {
            settings.Note("The prompt loads weights by tags such as `<lora:…>`. They stay in the text, but load nothing here.");
        }
    }
}
