using System.Globalization;
using System.Text;

namespace GenApi.Core.Images.Metadata;

/// <summary>
/// Writes settings as the text that image tools read since AUTOMATIC1111's Stable Diffusion web UI: the prompt, a line
/// <c>Negative prompt: …</c> and a last line of pairs such as <c>Steps: 20, Seed: 7</c>. Tools accept a last line only if it has three
/// pairs, which model, generation and time always are.
/// </summary>
public static class SettingsText
{
    /// <summary>The keyword of the text in PNG.</summary>
    public const string PngKeyword = "parameters";

    public const string NegativePrompt = "Negative prompt";
    public const string Steps = "Steps";
    public const string Guidance = "CFG scale";
    public const string Seed = "Seed";
    public const string Size = "Size";
    public const string Model = "Model";

    /// <summary>Not <c>Version</c>, which is the version of the program that made the image.</summary>
    public const string ModelVersion = "Model version";

    public const string Generation = "Generation";
    public const string CreatedAt = "Created at";

    /// <summary>Present, with the value <c>True</c>, where a prompt had to be cut.</summary>
    public const string Truncated = "Truncated";

    private const string Cut = "…";

    /// <summary>Writes the whole text.</summary>
    public static string Of(EmbeddedSettings settings) => Of(settings, isTruncated: false);

    /// <summary>Writes the text and cuts the prompts if it would be longer. The pairs say so, and are never cut themselves.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="longest">In UTF-16 units.</param>
    /// <returns>Null if even the pairs do not fit.</returns>
    public static string? Of(EmbeddedSettings settings, int longest)
    {
        var whole = Of(settings);
        if (whole.Length <= longest)
            return whole;
        var (prompt, negative) = (settings.Prompt, settings.NegativePrompt ?? "");
        var rest = Of(settings with { Prompt = "", NegativePrompt = negative.Length > 0 ? Cut : null }, isTruncated: true).Length;
        // Each of the two gets half, and what the other leaves of its half.
        var room = longest - rest - Cut.Length;
        if (room < 0)
            return null;
        var forPrompt = Math.Min(prompt.Length, Math.Max(room / 2, room - negative.Length));
        var forNegative = Math.Min(negative.Length, room - forPrompt);
        return Of(settings with { Prompt = Shortened(prompt, forPrompt), NegativePrompt = Shortened(negative, forNegative) }, true);
    }

    private static string Of(EmbeddedSettings settings, bool isTruncated)
    {
        var text = new StringBuilder(settings.Prompt);
        if (settings.NegativePrompt is { Length: > 0 } negative)
            text.Append('\n').Append(NegativePrompt).Append(": ").Append(negative);
        text.Append('\n').AppendJoin(", ", Pairs(settings, isTruncated).Select(pair => $"{pair.Name}: {pair.Value}"));
        return text.ToString();
    }

    private static IEnumerable<(string Name, string Value)> Pairs(EmbeddedSettings settings, bool isTruncated)
    {
        if (settings.Steps is { } steps)
            yield return (Steps, steps.ToString(CultureInfo.InvariantCulture));
        if (settings.Guidance is { } guidance)
            yield return (Guidance, guidance.ToString(CultureInfo.InvariantCulture));
        if (settings.Seed is { } seed)
            yield return (Seed, seed.ToString(CultureInfo.InvariantCulture));
        if (settings is { Width: { } width, Height: { } height })
            yield return (Size, string.Create(CultureInfo.InvariantCulture, $"{width}x{height}"));
        yield return (Model, settings.Model);
        if (settings.Version is { } version)
            yield return (ModelVersion, version);
        yield return (Generation, settings.GenerationId);
        // Without a colon: some tools split there.
        yield return (CreatedAt, settings.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        if (isTruncated)
            yield return (Truncated, "True");
    }

    private static string Shortened(string text, int length)
    {
        if (text.Length <= length)
            return text;
        return text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + Cut;
    }
}
