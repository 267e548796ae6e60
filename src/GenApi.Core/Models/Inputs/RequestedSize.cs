using System.Globalization;
using System.Text.Json;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Fits a size from another service's list, such as 1792x1024, into what a model can make: the same shape as far as possible, within the
/// model's range and steps. POST /generate takes the sides as they are and refuses what does not fit.
/// </summary>
internal static class RequestedSize
{
    /// <summary>Used for sides that had to be changed, if the model names no step.</summary>
    private const int UsualStep = 8;

    /// <summary>The area of an image of which only the shape is known.</summary>
    private const double UsualArea = 1024 * 1024;

    private const int RatioStep = 64;

    /// <summary>Sets the common names for a size.</summary>
    /// <param name="model">The model.</param>
    /// <param name="width">In pixels, at least 1.</param>
    /// <param name="height">In pixels, at least 1.</param>
    /// <param name="common">The common names of the request, without width and height.</param>
    /// <returns>False if the model has no input for it.</returns>
    public static bool TrySet(ResolvedModel model, int width, int height, Dictionary<string, JsonElement> common)
    {
        var schema = model.Input;
        var (ownWidth, ownHeight) = (schema.Has(CommonNames.Width), schema.Has(CommonNames.Height));
        if (!schema.IsKnown)
            (ownWidth, ownHeight) = (true, true);
        else if (ownWidth || ownHeight)
            (width, height) = Fit(model, width, height);
        else if (CommonTargets.OfNearestSize(schema.Sizes).Count > 0)
        {
            (ownWidth, ownHeight) = (true, true);
            (width, height) = (Math.Min(width, ImageSize.Largest), Math.Min(height, ImageSize.Largest));
        }
        if (ownWidth)
            common[CommonNames.Width] = Number(width);
        if (ownHeight)
            common[CommonNames.Height] = Number(height);
        return ownWidth || ownHeight;
    }

    /// <summary>
    /// Sets the common names for a shape such as 16:9: the nearest one that the model has, or sides of about a megapixel.
    /// </summary>
    /// <inheritdoc cref="TrySet"/>
    public static bool TrySetRatio(ResolvedModel model, int width, int height, Dictionary<string, JsonElement> common)
    {
        var schema = model.Input;
        if (InputTranslation.Takes(schema, CommonNames.AspectRatio))
        {
            var text = JsonSerializer.SerializeToElement(string.Create(CultureInfo.InvariantCulture, $"{width}:{height}"));
            common[CommonNames.AspectRatio] = schema.IsKnown && schema.Sizes.Ratios is { } ratios
                && !InputTranslation.Accepts(schema, ratios.Name, text)
                ? ratios.Choices.MinBy(choice => Bend(width, height, choice.Width, choice.Height)).Value
                : text;
            return true;
        }
        var side = Math.Sqrt(UsualArea * width / height);
        return TrySet(model, Rounded(side, RatioStep), Rounded(UsualArea / side, RatioStep), common);
    }

    private static (int Width, int Height) Fit(ResolvedModel model, int width, int height)
    {
        var (across, down) = (Side.Of(model, CommonNames.Width), Side.Of(model, CommonNames.Height));
        if (across.Choices.Count > 0 && down.Choices.Count > 0)
            return Nearest(across.Choices, down.Choices, width, height);
        // One factor for both sides keeps the shape.
        var shrink = Math.Min(1, Math.Min(across.Most / width, down.Most / height));
        var factor = Math.Max(shrink, Math.Max(across.Least / width, down.Least / height));
        return (across.Fitted(width, factor), down.Fitted(height, factor));
    }

    /// <summary>Shape before pixels, as for models that list whole sizes.</summary>
    private static (int Width, int Height) Nearest(IReadOnlyList<int> widths, IReadOnlyList<int> heights, int width, int height) =>
        widths.SelectMany(wide => heights.Select(high => (Width: wide, Height: high)))
            .MinBy(size => 20 * Bend(width, height, size.Width, size.Height)
                + Math.Abs(Math.Log((double)width * height / size.Width / size.Height, 2)));

    private static double Bend(int width, int height, int otherWidth, int otherHeight) =>
        Math.Abs(Math.Log((double)width / height * otherHeight / otherWidth));

    private static int Rounded(double side, int step) => (int)Math.Max(step, Math.Round(side / step) * step);

    private static JsonElement Number(int value) => JsonElement.Parse(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The values that a model allows for one side.</summary>
    private readonly record struct Side(double Least, double Most, int? Step, IReadOnlyList<int> Choices)
    {
        public static Side Of(ResolvedModel model, string name)
        {
            if (model.Input.Find(name) is not { Rule: var rule })
                return new(1, double.MaxValue, null, []);
            var choices = rule.Allowed.Select(OutputCounts.Number).OfType<long>().Where(side => side <= ImageSize.Largest);
            return new(
                (double)(rule.Minimum ?? 1), rule.Maximum is { } most ? (double)most : ImageSize.Largest, SizeSteps.Of(model, name),
                [.. choices.Select(side => (int)side)]);
        }

        public int Fitted(int pixels, double factor)
        {
            if (Choices.Count > 0)
                return Choices.MinBy(choice => Math.Abs(choice - pixels));
            var step = Step ?? (factor == 1 ? 1 : UsualStep);
            if (factor == 1 && pixels % step == 0)
                return pixels;
            var fitted = Rounded(pixels * factor, step);
            return fitted > Most ? (int)Math.Floor(Most / step) * step : fitted < Least ? (int)Math.Ceiling(Least / step) * step : fitted;
        }
    }
}
