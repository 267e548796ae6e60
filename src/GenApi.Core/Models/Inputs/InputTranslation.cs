using System.Text.Json;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Says what a model can do with the names and values of other services' APIs, before a request is made of them. POST /generate refuses
/// what a model has no input for; programs that speak another API send such members to every model.
/// </summary>
internal static class InputTranslation
{
    /// <summary>
    /// Returns the common name that a name means, in any spelling: <c>aspectRatio</c>, <c>cfg_scale</c> or <c>negative</c>; null for any
    /// other.
    /// </summary>
    public static string? CommonNameOf(string name) =>
        CommonNames.MeantBy(name) ?? CommonNames.MeantBy(JsonNamingPolicy.SnakeCaseLower.ConvertName(name));

    /// <summary>Returns the model's own input of this name, in any spelling; null if it has none.</summary>
    public static string? OwnNameOf(InputSchema schema, string name)
    {
        if (schema.Has(name))
            return name;
        var snake = JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
        return schema.Has(snake) ? snake : null;
    }

    /// <summary>Returns whether a model has an input for a common name other than width and height.</summary>
    public static bool Takes(InputSchema schema, string common) =>
        schema.IsKnown ? schema.SlotOfCommon(common) >= 0 : UncheckedInput.OwnName(common) is not null;

    /// <summary>Returns whether the model's own input of this name accepts the value.</summary>
    public static bool Accepts(InputSchema schema, string own, JsonElement value) =>
        schema.Find(own) is { } property && InputCheck.Problem(property.Rule, value) is null;

    /// <summary>Returns whether the model can write a format: <c>png</c>, <c>jpeg</c> or <c>webp</c>.</summary>
    public static bool OffersFormat(InputSchema schema, string format)
    {
        if (schema.SlotOfCommon(CommonNames.OutputFormat) is not (var slot and >= 0))
            return false;
        var rule = schema.Properties[slot].Rule;
        return Offers(format) || (format == "jpeg" && Offers("jpg"));

        bool Offers(string name) => InputCheck.Problem(rule, JsonSerializer.SerializeToElement(name)) is null;
    }
}
