using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>Which of a model's own inputs each common name sets.</summary>
internal static class CommonTargets
{
    /// <summary>
    /// The common names that a model takes and which of its own inputs each sets; any other is refused. Only <c>num_outputs: 1</c> is taken
    /// everywhere, and sets nothing where a model always makes one.
    /// </summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Of(InputSchema schema)
    {
        var targets = new OrderedDictionary<string, IReadOnlyList<string>>();
        foreach (var common in CommonNames.All)
        {
            IReadOnlyList<string> own = !schema.IsKnown ? UncheckedInput.OwnName(common) is { } same ? [same] : []
                : common is CommonNames.Width or CommonNames.Height ? OfSide(schema, common)
                : schema.PlaceOfCommon(common) is var place and >= 0 ? [schema.Properties[place].Name] : [];
            if (own.Count > 0)
                targets[common] = own;
        }
        return targets;
    }

    /// <summary>The model's inputs that may be set by width or height; empty when it has nothing for them.</summary>
    private static IReadOnlyList<string> OfSide(InputSchema schema, string side)
    {
        if (schema.Has(side))
            return schema.Sizes.Custom is { } custom ? [side, custom.Name] : [side];
        return schema.Has(CommonNames.Width) || schema.Has(CommonNames.Height) ? [] : OfNearestSize(schema.Sizes);
    }

    /// <summary>The inputs that offer shapes and sizes, where a model has neither width nor height.</summary>
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
