using System.Globalization;
using System.Text.Json;

namespace GenApi.Core.Models;

/// <summary>How much an input asks for, as far as it can be told from the names that models use.</summary>
/// <param name="Images">How many images; 1 for a model that has no number of them.</param>
/// <param name="Steps">Steps for each; 1 where the model tells none.</param>
/// <param name="Pixels">Of one image; null when the input does not tell.</param>
internal readonly record struct RunSize(int Images, int Steps, long? Pixels)
{
    private const int MostImages = 1000;
    private const int MostSteps = 10_000;
    private const double MostMegapixels = 1000;

    /// <summary>What the time of a run grows with: half the steps take about half as long, and so do half the images.</summary>
    public int Work => Images * Steps;

    /// <param name="values">By the model's own names, with the defaults of those that are absent.</param>
    public static RunSize Of(IReadOnlyList<KeyValuePair<string, JsonElement>> values) =>
        new(Count(values, CommonNames.NumOutputs, MostImages), Count(values, CommonNames.Steps, MostSteps), PixelsOf(values));

    private static int Count(IReadOnlyList<KeyValuePair<string, JsonElement>> values, string common, int most)
    {
        foreach (var name in CommonNames.OwnNames(common))
        {
            if (Find(values, name) is { ValueKind: JsonValueKind.Number } value && InputCheck.TryInteger(value, out var count))
                return (int)Math.Clamp(count, 1, most);
        }
        return 1;
    }

    private static long? PixelsOf(IReadOnlyList<KeyValuePair<string, JsonElement>> values)
    {
        if (Side(values, CommonNames.Width) is { } width && Side(values, CommonNames.Height) is { } height)
            return width * height;
        if (Find(values, "megapixels") is { ValueKind: not JsonValueKind.Undefined } megapixels && Megapixels(Text(megapixels)) is { } told)
            return told;
        foreach (var name in ImageSize.ListsOfSizes)
        {
            if (FromSize(Text(Find(values, name))) is { } pixels)
                return pixels;
        }
        return null;
    }

    private static long? Side(IReadOnlyList<KeyValuePair<string, JsonElement>> values, string name) =>
        Find(values, name) is { ValueKind: JsonValueKind.Number } value && InputCheck.TryInteger(value, out var side) && side is > 0 and <= ImageSize.Largest ? side : null;

    /// <summary><c>1024x1024</c>, <c>2 MP</c> or <c>2K</c>.</summary>
    private static long? FromSize(string text)
    {
        if (text.Split('x') is [var left, var right]
            && int.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width <= ImageSize.Largest
            && int.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var height) && height <= ImageSize.Largest)
            return (long)width * height;
        if (text.EndsWith("MP", StringComparison.OrdinalIgnoreCase))
            return Megapixels(text[..^2].Trim());
        // 2K is a picture of 2048 by 2048.
        return text.EndsWith('K') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var thousands) && thousands <= 16
            ? (long)thousands * thousands * ModelPrice.Megapixel
            : null;
    }

    private static long? Megapixels(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var megapixels) && megapixels is > 0 and <= MostMegapixels
            ? (long)(megapixels * ModelPrice.Megapixel)
            : null;

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.Number => value.GetRawText(),
        _ => "",
    };

    private static JsonElement Find(IReadOnlyList<KeyValuePair<string, JsonElement>> values, string name)
    {
        foreach (var member in values)
        {
            if (member.Key == name)
                return member.Value;
        }
        return default;
    }
}
