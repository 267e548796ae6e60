using System.Text.Json;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Width and height for models that have none: the nearest shape that the model offers, and the nearest number of pixels. The generation
/// tells what was sent.
/// </summary>
internal static class ImageSize
{
    /// <summary>Of a side, in pixels.</summary>
    public const int Largest = 16_384;

    public static void Set(InputSlots slots, JsonElement width, JsonElement height)
    {
        if (width.ValueKind == JsonValueKind.Undefined && height.ValueKind == JsonValueKind.Undefined)
            return;
        var schema = slots.Schema;
        var ownWidth = schema.PlaceOf(CommonNames.Width);
        var ownHeight = schema.PlaceOf(CommonNames.Height);
        if (ownWidth >= 0 || ownHeight >= 0)
        {
            SetOwn(slots, ownWidth, ownHeight, width, height);
        }
        else if (CommonTargets.OfNearestSize(schema.Sizes).Count > 0)
        {
            if (TrySide(slots, width, CommonNames.Width, out var wide) & TrySide(slots, height, CommonNames.Height, out var high))
                SetNearest(slots, wide, high);
        }
        else
        {
            SetOne(slots, -1, CommonNames.Width, width);
            SetOne(slots, -1, CommonNames.Height, height);
        }
    }

    private static void SetOwn(InputSlots slots, int ownWidth, int ownHeight, JsonElement width, JsonElement height)
    {
        SetOne(slots, ownWidth, CommonNames.Width, width);
        SetOne(slots, ownHeight, CommonNames.Height, height);
        // Some models look at width and height only when told that the shape is custom, and ignore them in silence otherwise.
        if (slots.Schema.Sizes.Custom is not { } custom)
            return;
        slots.SetCommon(custom.Place, width.ValueKind == JsonValueKind.Undefined ? CommonNames.Height : CommonNames.Width, custom.Choices[0]);
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
            slots.RefuseCommon(name);
    }

    private static void SetNearest(InputSlots slots, int wide, int high)
    {
        var offered = slots.Schema.Sizes;
        foreach (var list in offered.Sizes)
        {
            foreach (var choice in list.Choices)
            {
                if ((choice.Width, choice.Height) != (wide, high))
                    continue;
                slots.SetCommon(list.Place, CommonNames.Width, choice.Value);
                return;
            }
        }
        if (offered.Ratios is { } ratios)
        {
            slots.SetCommon(ratios.Place, CommonNames.Width, ratios.Choices.MinBy(choice => Bend(wide, high, choice)).Value);
        }
        else if (offered.Sizes is [var sizes, ..])
        {
            // Shape before pixels: a factor of two in pixels weighs no more than a twentieth in shape.
            var nearest = sizes.Choices.MinBy(choice =>
                20 * Bend(wide, high, choice) + Math.Abs(Math.Log((double)wide * high / choice.Width / choice.Height, 2)));
            slots.SetCommon(sizes.Place, CommonNames.Width, nearest.Value);
            return;
        }
        // Alone where the model takes its shape from elsewhere, from a source image for one. What the caller chose in the model's own terms stands.
        if (offered.Amounts is not [var amounts, ..] || slots.IsSet(amounts.Place))
            return;
        // To these models a megapixel is 1024 × 1024.
        var megapixels = wide * (double)high / 1_048_576;
        slots.SetCommon(amounts.Place, CommonNames.Width, amounts.Choices.MinBy(choice => Math.Abs(Math.Log(megapixels / choice.Megapixels))).Value);
    }

    private static double Bend(int wide, int high, SizeChoice choice) => Math.Abs(Math.Log((double)wide / high * choice.Height / choice.Width));

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
}
