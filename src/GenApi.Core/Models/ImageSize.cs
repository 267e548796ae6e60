using System.Globalization;
using System.Text.Json;

namespace GenApi.Core.Models;

/// <summary>
/// Width and height for models that have none: the nearest shape that the model offers, and the nearest number of pixels. The generation
/// tells what was sent.
/// </summary>
internal static class ImageSize
{
    /// <summary>Of a side, in pixels.</summary>
    public const int Largest = 16_384;

    private const string Custom = "custom";

    /// <summary>Inputs that list sizes such as <c>1024x1024</c>.</summary>
    public static readonly string[] ListsOfSizes = ["size", "resolution", "image_size"];

    public static void Set(InputSlots slots, JsonElement width, JsonElement height)
    {
        if (width.ValueKind == JsonValueKind.Undefined && height.ValueKind == JsonValueKind.Undefined)
            return;
        var schema = slots.Schema;
        var ownWidth = schema.PlaceOf(CommonNames.Width);
        var ownHeight = schema.PlaceOf(CommonNames.Height);
        if (ownWidth >= 0 || ownHeight >= 0)
            SetOwn(slots, ownWidth, ownHeight, width, height);
        else if (schema.Has(CommonNames.AspectRatio) || ListsOfSizes.Any(schema.Has))
            SetNearest(slots, width, height);
        else
            RefuseBoth(slots, width, height, $"this model has no input for it. It takes: {schema.Names}");
    }

    private static void SetOwn(InputSlots slots, int ownWidth, int ownHeight, JsonElement width, JsonElement height)
    {
        SetOne(slots, ownWidth, CommonNames.Width, width);
        SetOne(slots, ownHeight, CommonNames.Height, height);
        // Some models look at width and height only when told that the ratio is custom, and ignore them in silence otherwise.
        var ratio = slots.Schema.PlaceOf(CommonNames.AspectRatio);
        if (ratio < 0 || Find(slots.Schema, ratio, Custom) is not { } custom)
            return;
        slots.SetCommon(ratio, width.ValueKind == JsonValueKind.Undefined ? CommonNames.Height : CommonNames.Width, custom);
        Demand(slots, ownWidth, CommonNames.Width);
        Demand(slots, ownHeight, CommonNames.Height);
    }

    private static void Demand(InputSlots slots, int place, string name)
    {
        if (place >= 0 && !slots.IsSet(place))
            slots.Refuse($"$.{name}", "is needed as well: this model takes width and height together, or an aspect ratio");
    }

    private static void SetOne(InputSlots slots, int place, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
            return;
        if (place >= 0)
            slots.SetCommon(place, name, value);
        else
            slots.Refuse($"$.{name}", $"this model has no input for it. It takes: {slots.Schema.Names}");
    }

    private static void SetNearest(InputSlots slots, JsonElement width, JsonElement height)
    {
        if (!TrySide(slots, width, CommonNames.Width, out var wide) | !TrySide(slots, height, CommonNames.Height, out var high))
            return;
        var schema = slots.Schema;
        foreach (var name in ListsOfSizes)
        {
            if (schema.PlaceOf(name) is var place and >= 0 && Find(schema, place, $"{wide}x{high}") is { } exact)
            {
                slots.SetCommon(place, CommonNames.Width, exact);
                return;
            }
        }
        var ratio = schema.PlaceOf(CommonNames.AspectRatio);
        if (ratio >= 0 && Nearest(schema, ratio, ':', (w, h) => Math.Abs(Math.Log((double)wide / high * h / w))) is { } shape)
        {
            slots.SetCommon(ratio, CommonNames.Width, shape);
            // A number of pixels that the caller chose in the model's own terms stands.
            if (schema.PlaceOf("megapixels") is var pixels and >= 0 && !slots.IsSet(pixels)
                && NearestMegapixels(schema, pixels, wide, high) is { } amount)
                slots.SetCommon(pixels, CommonNames.Width, amount);
            return;
        }
        foreach (var name in ListsOfSizes)
        {
            // Shape before pixels: a factor of two in pixels weighs no more than a twentieth in shape.
            if (schema.PlaceOf(name) is var place and >= 0
                && Nearest(schema, place, 'x', (w, h) =>
                    20 * Math.Abs(Math.Log((double)wide / high * h / w)) + Math.Abs(Math.Log((double)wide * high / w / h, 2))) is { } size)
            {
                slots.SetCommon(place, CommonNames.Width, size);
                return;
            }
        }
        RefuseBoth(slots, width, height, $"this model offers no sizes to choose the nearest from. It takes: {schema.Names}");
    }

    private static bool TrySide(InputSlots slots, JsonElement side, string name, out int value)
    {
        value = 0;
        if (side.ValueKind == JsonValueKind.Number && InputCheck.TryInteger(side, out var whole) && whole is >= 1 and <= Largest)
        {
            value = (int)whole;
            return true;
        }
        slots.Refuse($"$.{name}", side.ValueKind == JsonValueKind.Undefined
            ? "is needed as well: this model takes a shape, which is found by both sides"
            : $"must be an integer from 1 to {Largest}");
        return false;
    }

    private static JsonElement? Nearest(InputSchema schema, int place, char between, Func<int, int, double> distance)
    {
        JsonElement? best = null;
        var least = double.MaxValue;
        foreach (var choice in schema.Properties[place].Rule.Allowed)
        {
            if (choice.ValueKind != JsonValueKind.String || choice.GetString()!.Split(between) is not [var left, var right]
                || !int.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out var w) || w == 0
                || !int.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var h) || h == 0)
                continue;
            var far = distance(w, h);
            if (far >= least)
                continue;
            least = far;
            best = choice;
        }
        return best;
    }

    private static JsonElement? NearestMegapixels(InputSchema schema, int place, int wide, int high)
    {
        JsonElement? best = null;
        var least = double.MaxValue;
        foreach (var choice in schema.Properties[place].Rule.Allowed)
        {
            var text = choice.ValueKind == JsonValueKind.String ? choice.GetString() : choice.GetRawText();
            if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var megapixels) || megapixels <= 0)
                continue;
            // To these models a megapixel is 1024 × 1024.
            var far = Math.Abs(Math.Log(wide * (double)high / 1_048_576 / megapixels));
            if (far >= least)
                continue;
            least = far;
            best = choice;
        }
        return best;
    }

    private static JsonElement? Find(InputSchema schema, int place, string value)
    {
        foreach (var choice in schema.Properties[place].Rule.Allowed)
        {
            if (choice.ValueKind == JsonValueKind.String && choice.ValueEquals(value))
                return choice;
        }
        return null;
    }

    private static void RefuseBoth(InputSlots slots, JsonElement width, JsonElement height, string message)
    {
        if (width.ValueKind != JsonValueKind.Undefined)
            slots.Refuse($"$.{CommonNames.Width}", message);
        if (height.ValueKind != JsonValueKind.Undefined)
            slots.Refuse($"$.{CommonNames.Height}", message);
    }
}
