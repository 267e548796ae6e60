using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>Maps each common name to the model's own inputs that it sets.</summary>
internal static class CommonTargets
{
    /// <summary>
    /// Returns the common names that a model accepts, with its own inputs that each sets; any other is refused. Only <c>num_outputs: 1</c>
    /// is accepted everywhere; it sets nothing if a model always makes one image.
    /// </summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Of(InputSchema schema)
    {
        var targets = new OrderedDictionary<string, IReadOnlyList<string>>();
        foreach (var common in CommonNames.All)
        {
            IReadOnlyList<string> own = !schema.IsKnown ? UncheckedInput.OwnName(common) is { } same ? [same] : []
                : common is CommonNames.Width or CommonNames.Height ? OfSide(schema, common)
                : schema.SlotOfCommon(common) is var slot and >= 0 ? [schema.Properties[slot].Name] : [];
            if (own.Count > 0)
                targets[common] = own;
        }
        return targets;
    }

    /// <summary>Returns the inputs that width or height may set; empty if the model has none.</summary>
    private static IReadOnlyList<string> OfSide(InputSchema schema, string side)
    {
        if (schema.Has(side))
            return schema.Sizes.Custom is { } custom ? [side, custom.Name] : [side];
        return schema.Has(CommonNames.Width) || schema.Has(CommonNames.Height) ? [] : OfNearestSize(schema.Sizes);
    }

    /// <summary>Returns the inputs that offer shapes and sizes, for a model without width and height.</summary>
    public static IReadOnlyList<string> OfNearestSize(SizeChoices offered)
    {
        var targets = new List<string>(2);
        if (offered.Ratios is { } ratios)
            targets.Add(ratios.Name);
        targets.AddRange(offered.Sizes.Select(list => list.Name));
        if (offered.Amounts is [var amounts, ..])
            targets.Add(amounts.Name);
        return [.. targets.Distinct()];
    }
}
