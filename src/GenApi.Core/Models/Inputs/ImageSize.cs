using System.Text.Json;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Sets width and height for models without these inputs: it chooses the nearest shape that the model offers, and the nearest number of
/// pixels. The generation shows what was sent.
/// </summary>
internal static class ImageSize
{
    /// <summary>The longest side, in pixels.</summary>
    public const int Largest = 16_384;

    public static void Set(InputSlots slots, JsonElement width, JsonElement height)
    {
        if (width.ValueKind == JsonValueKind.Undefined && height.ValueKind == JsonValueKind.Undefined)
            return;
        var schema = slots.Schema;
        var ownWidth = schema.SlotOf(CommonNames.Width);
        var ownHeight = schema.SlotOf(CommonNames.Height);
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
        // Some models read width and height only if the shape is set to custom; otherwise they silently ignore them.
        if (slots.Schema.Sizes.Custom is not { } custom)
            return;
        var name = width.ValueKind == JsonValueKind.Undefined ? CommonNames.Height : CommonNames.Width;
        slots.SetCommon(custom.Slot, name, custom.Choices[0]);
        Demand(slots, ownWidth, CommonNames.Width);
        Demand(slots, ownHeight, CommonNames.Height);
    }

    private static void Demand(InputSlots slots, int slot, string name)
    {
        if (slot >= 0 && !slots.IsSet(slot))
            slots.Refuse($"$.{name}", "is needed as well: this model takes width and height together, or an aspect ratio");
    }

    private static void SetOne(InputSlots slots, int slot, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
            return;
        if (slot >= 0)
            slots.SetCommon(slot, name, value);
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
                slots.SetCommon(list.Slot, CommonNames.Width, choice.Value);
                return;
            }
        }
        if (offered.Ratios is { } ratios)
        {
            slots.SetCommon(ratios.Slot, CommonNames.Width, ratios.Choices.MinBy(choice => Bend(wide, high, choice)).Value);
        }
        else if (offered.Sizes is [var sizes, ..])
        {
            // Shape before pixels: a factor of two in pixels weighs no more than a twentieth in shape.
            var nearest = sizes.Choices.MinBy(choice =>
                20 * Bend(wide, high, choice) + Math.Abs(Math.Log((double)wide * high / choice.Width / choice.Height, 2)));
            slots.SetCommon(sizes.Slot, CommonNames.Width, nearest.Value);
            return;
        }
        // Used alone if the model takes its shape from elsewhere, such as a source image. The caller's choice by the model's own names
        // wins.
        if (offered.Amounts is not [var amounts, ..] || slots.IsSet(amounts.Slot))
            return;
        // For these models a megapixel is 1024 × 1024.
        var megapixels = wide * (double)high / 1_048_576;
        var amount = amounts.Choices.MinBy(choice => Math.Abs(Math.Log(megapixels / choice.Megapixels)));
        slots.SetCommon(amounts.Slot, CommonNames.Width, amount.Value);
    }

    private static double Bend(int wide, int high, SizeChoice choice) =>
        Math.Abs(Math.Log((double)wide / high * choice.Height / choice.Width));

    private static bool TrySide(InputSlots slots, JsonElement side, string name, out int value)
    {
        value = 0;
        if (side.ValueKind == JsonValueKind.Number && InputCheck.TryInteger(side, out var whole) && whole is >= 1 and <= Largest)
        {
            value = (int)whole;
            return true;
        }
        slots.Refuse($"$.{name}", side.ValueKind == JsonValueKind.Undefined
            ? "is needed as well: this model takes a shape, which needs both sides"
            : $"must be an integer from 1 to {Largest}");
        return false;
    }
}
