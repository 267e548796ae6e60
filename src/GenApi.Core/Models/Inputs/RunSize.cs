using System.Globalization;
using System.Text.Json;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>Estimates how much an input asks for, by the names that models use.</summary>
/// <param name="Images">The expected number of images; 1 for a model without such an input.</param>
/// <param name="Steps">The steps per image; 1 if the model has no such input.</param>
/// <param name="Pixels">The expected pixels of one image; null if the input does not show them.</param>
internal readonly record struct RunSize(long Images, int Steps, long? Pixels)
{
    /// <summary>No model makes this many; higher numbers count as this, so that sums of money stay in range.</summary>
    private const long MostImages = 1_000_000_000;
    private const long LargestSide = 1_000_000;
    private const int MostSteps = 10_000;
    private const int MostWork = 10_000_000;
    private const double MostMegapixels = 1_000_000;

    /// <summary>The largest size offered by models that do not state a size, 2048 × 2048.</summary>
    internal const long LargestUnsaid = 4 * ModelPrice.Megapixel;

    /// <summary>The highest possible number of images; null: nothing in the input or the schema limits it.</summary>
    public long? WorstImages { get; init; }

    /// <summary>
    /// The highest possible pixels of one image. Null: nothing limits them, because they follow the size of an input image, or the model
    /// does not describe its inputs.
    /// </summary>
    public long? WorstPixels { get; init; }

    /// <summary>True if the model has an input for the number of images.</summary>
    public bool HasCount { get; init; }

    /// <summary>The amount of work: half the steps take about half as long, and so do half the images.</summary>
    public int Work => (int)Math.Min(Images * Steps, MostWork);

    /// <param name="schema">The schema of the model.</param>
    /// <param name="values">Values by the model's own names, with the defaults of absent ones.</param>
    /// <param name="hasFiles">Whether there is an input image with bytes at hand.</param>
    public static RunSize Of(InputSchema schema, IReadOnlyList<KeyValuePair<string, JsonElement>> values, bool hasFiles)
    {
        var (images, worst, hasCount) = schema.IsKnown ? ImagesOf(schema, values) : UncheckedImagesOf(values);
        var (pixels, most) = PixelsOf(schema, values, hasFiles);
        return new RunSize(images, StepsOf(values), pixels) { WorstImages = worst, HasCount = hasCount, WorstPixels = most };
    }

    private static (long Expected, long? Worst, bool HasCount) ImagesOf(
        InputSchema schema, IReadOnlyList<KeyValuePair<string, JsonElement>> values)
    {
        var (expected, worst, hasCount) = (1L, (long?)1L, false);
        foreach (var property in schema.Properties)
        {
            if (OutputCounts.IsBatchOfPrompts(property.Name) && Find(values, property.Name).ValueKind == JsonValueKind.True)
            {
                var lines = Text(Find(values, CommonNames.Prompt)).Split('\n', '\r').Count(line => !string.IsNullOrWhiteSpace(line));
                (expected, worst, hasCount) = (Times(expected, Math.Max(lines, 1)), Times(worst, Math.Max(lines, 1)), true);
            }
            else if (OutputCounts.IsCount(property))
            {
                hasCount = true;
                var value = Find(values, property.Name);
                // A file or a list under such a name is an input.
                if (value.ValueKind is JsonValueKind.Array or JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False)
                    continue;
                var asked = OutputCounts.Number(value);
                (expected, worst) = (Times(expected, asked ?? 1), Times(worst, asked ?? MostOf(property.Rule)));
            }
        }
        return (expected, worst, hasCount);
    }

    /// <summary>
    /// Counts the images of a model that does not describe its inputs: anything that looks like a number of images is one. If nothing does,
    /// the model decides, and the worst case is unknown.
    /// </summary>
    private static (long Expected, long? Worst, bool HasCount) UncheckedImagesOf(IReadOnlyList<KeyValuePair<string, JsonElement>> values)
    {
        var (images, hasCount) = (1L, false);
        foreach (var (name, value) in values)
        {
            if (OutputCounts.IsCount(name) && OutputCounts.Number(value) is { } asked)
                (images, hasCount) = (Times(images, asked), true);
        }
        return (images, hasCount ? images : null, hasCount);
    }

    /// <summary>Returns the highest number that the schema allows; null: no limit.</summary>
    private static long? MostOf(InputRule rule)
    {
        if (rule.Allowed.Select(OutputCounts.Number).Max() is { } largest)
            return largest;
        return rule.Maximum is { } maximum ? (long)Math.Clamp(Math.Ceiling(maximum), 1, MostImages) : null;
    }

    private static int StepsOf(IReadOnlyList<KeyValuePair<string, JsonElement>> values)
    {
        foreach (var name in CommonNames.OwnNames(CommonNames.Steps))
        {
            if (Find(values, name) is { ValueKind: JsonValueKind.Number } value && InputCheck.TryInteger(value, out var count))
                return (int)Math.Clamp(count, 1, MostSteps);
        }
        return 1;
    }

    private static (long? Expected, long? Worst) PixelsOf(
        InputSchema schema, IReadOnlyList<KeyValuePair<string, JsonElement>> values, bool hasFiles)
    {
        var asked = Asked(schema, values).ToList();
        var expected = asked.Count > 0 ? asked[0] : (long?)null;
        var grows = schema.IsKnown ? schema.Properties.Any(OutputCounts.IsScale) : values.Any(value => OutputCounts.IsScale(value.Key));
        if (grows || values.Any(value => FollowsInput(value.Value)))
            return (expected, null);
        if (asked.Count > 0)
            return (expected, asked.Max());
        // The output may be as large as the input image, which may be at an address that only the upstream sees.
        var takesImage = hasFiles || !schema.IsKnown
            || schema.Properties.Any(property => property.Rule.TakesFiles
                && Find(values, property.Name).ValueKind is JsonValueKind.String or JsonValueKind.Array);
        return (null, takesImage ? null : Math.Max(LargestUnsaid, LargestOf(schema)));
    }

    /// <summary>Returns every size in the input, beginning with the one that models read first.</summary>
    private static IEnumerable<long> Asked(InputSchema schema, IReadOnlyList<KeyValuePair<string, JsonElement>> values)
    {
        // Some models read width and height only if the shape is set to custom.
        var isCustom = schema.Sizes.Custom is not { } custom || Text(Find(values, custom.Name)) == Text(custom.Choices[0]);
        if (isCustom && Side(values, CommonNames.Width) is { } width && Side(values, CommonNames.Height) is { } height)
            yield return width * height;
        if (Megapixels(Text(Find(values, SizeChoices.Megapixels))) is { } stated)
            yield return stated;
        foreach (var name in SizeChoices.ListsOfSizes)
        {
            if (FromSize(Text(Find(values, name))) is { } pixels)
                yield return pixels;
        }
    }

    /// <summary>Returns the largest image within the schema's own limits and choices; 0 if it has none.</summary>
    private static long LargestOf(InputSchema schema)
    {
        var sides = new[] { CommonNames.Width, CommonNames.Height }
            .Select(schema.SlotOf)
            .Select(slot => slot < 0 ? null : MostOf(schema.Properties[slot].Rule))
            .ToList();
        var largest = sides is [{ } width, { } height] ? Math.Min(width, LargestSide) * Math.Min(height, LargestSide) : 0;
        foreach (var choice in schema.Sizes.Sizes.SelectMany(list => list.Choices))
            largest = Math.Max(largest, (long)choice.Width * choice.Height);
        foreach (var choice in schema.Sizes.Amounts.SelectMany(list => list.Choices))
            largest = Math.Max(largest, (long)(choice.Megapixels * ModelPrice.Megapixel));
        return largest;
    }

    /// <summary>
    /// Recognises <c>match_input</c>, <c>match_input_image</c> and <c>input_image</c>: the output is as large as the input.
    /// </summary>
    private static bool FollowsInput(JsonElement value) => value.ValueKind == JsonValueKind.String && Text(value) is { Length: <= 40 } text
        && (text.StartsWith("match_", StringComparison.OrdinalIgnoreCase)
            || text is "input_image" or "control_image" or "original" or "source");

    private static long? Side(IReadOnlyList<KeyValuePair<string, JsonElement>> values, string name) =>
        OutputCounts.Number(Find(values, name)) is { } side ? Math.Min(side, LargestSide) : null;

    /// <summary>Reads <c>1024x1024</c>, <c>2 MP</c> or <c>2K</c>.</summary>
    private static long? FromSize(string text)
    {
        if (text.Split('x', 'X', '×', '*') is [var left, var right]
            && int.TryParse(left.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            && int.TryParse(right.Trim().Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var height))
            return Math.Min(width, LargestSide) * Math.Min(height, LargestSide);
        if (text.EndsWith("MP", StringComparison.OrdinalIgnoreCase))
            return Megapixels(text[..^2].Trim());
        // 2K is an image of 2048 by 2048.
        var isThousands = text.EndsWith('K') || text.EndsWith('k');
        return isThousands && int.TryParse(text[..^1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var thousands)
            && thousands <= 1000
            ? (long)thousands * thousands * ModelPrice.Megapixel
            : null;
    }

    private static long? Megapixels(string text) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var megapixels) && megapixels > 0
            ? (long)Math.Ceiling(Math.Min(megapixels, MostMegapixels) * ModelPrice.Megapixel)
            : null;

    private static long Times(long left, long right) => (long)Math.Min((decimal)left * right, MostImages);

    private static long? Times(long? left, long? right) => left is { } one && right is { } other ? Times(one, other) : null;

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
