using System.Text.Json;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Refuses inputs that mean nothing without another one. A model would silently ignore them, and the unwanted image is billed.
/// </summary>
internal static class InputDependants
{
    /// <summary>Refuses <c>mask</c> and <c>strength</c>, by any name, if the model takes a source image and none is given.</summary>
    public static void Check(InputSlots slots)
    {
        var schema = slots.Schema;
        if (schema.SlotOfCommon(CommonNames.Image) is not (>= 0 and var image) || HasImage(slots))
            return;
        var own = schema.Properties[image].Name;
        foreach (var common in (ReadOnlySpan<string>)[CommonNames.Mask, CommonNames.Strength])
        {
            if (schema.SlotOfCommon(common) is not (>= 0 and var slot) || !slots.IsSet(slot))
                continue;
            // A default that is written out is the same request as one left out; examples of models write out all of theirs.
            var usual = slots.IsByCommonName(slot) ? null : schema.Properties[slot].Default;
            if (usual is { } written && CanonicalJson.AreEqual(written, slots.Value(slot)))
                continue;
            slots.Refuse(
                slots.PathOf(slot),
                $"means nothing without a source image: give one in $.{CommonNames.Image} or $.input.{own}, or leave this out");
        }
    }

    /// <summary>Returns whether a source image is given; a model may accept it by several inputs.</summary>
    private static bool HasImage(InputSlots slots)
    {
        var schema = slots.Schema;
        for (var slot = 0; slot < schema.Properties.Count; slot++)
        {
            var property = schema.Properties[slot];
            var isImage = CommonNames.OwnNames(CommonNames.Image).Contains(property.Name)
                || (property.Rule.TakesFiles && slot != schema.SlotOfCommon(CommonNames.Mask));
            if (isImage && (property.Default is not null || slots.IsSet(slot) && !IsEmpty(slots.Value(slot))))
                return true;
        }
        return false;
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;
}
