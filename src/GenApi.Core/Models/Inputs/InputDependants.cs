using System.Text.Json;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Inputs that mean nothing without another one. A model ignores them in silence, and the picture that was not meant is billed.
/// </summary>
internal static class InputDependants
{
    /// <summary>
    /// Refuses <c>mask</c> and <c>strength</c>, by whatever name, where the model takes a source image and none is given.
    /// </summary>
    public static void Check(InputSlots slots)
    {
        var schema = slots.Schema;
        if (schema.PlaceOfCommon(CommonNames.Image) is not (>= 0 and var image) || HasImage(slots))
            return;
        var own = schema.Properties[image].Name;
        foreach (var common in (ReadOnlySpan<string>)[CommonNames.Mask, CommonNames.Strength])
        {
            if (schema.PlaceOfCommon(common) is not (>= 0 and var place) || !slots.IsSet(place))
                continue;
            // A default that is written out is the same request as one left out; examples of models write out all of theirs.
            var usual = slots.IsByCommonName(place) ? null : schema.Properties[place].Default;
            if (usual is { } written && CanonicalJson.AreEqual(written, slots.Value(place)))
                continue;
            slots.Refuse(
                slots.PathOf(place),
                $"means nothing without a source image: give one in $.{CommonNames.Image} or $.input.{own}, or leave this out");
        }
    }

    /// <summary>A model may take its source image by any of several inputs.</summary>
    private static bool HasImage(InputSlots slots)
    {
        var schema = slots.Schema;
        for (var place = 0; place < schema.Properties.Count; place++)
        {
            var property = schema.Properties[place];
            var isImage = CommonNames.OwnNames(CommonNames.Image).Contains(property.Name)
                || (property.Rule.TakesFiles && place != schema.PlaceOfCommon(CommonNames.Mask));
            if (isImage && (property.Default is not null || slots.IsSet(place) && !IsEmpty(slots.Value(place))))
                return true;
        }
        return false;
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;
}
