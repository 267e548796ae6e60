using GenApi.Core.Errors;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>Answers a caller who uses a name that a model does not have: what to write instead, and what the model accepts.</summary>
/// <param name="model"><c>owner/name</c>; null if it does not matter.</param>
/// <param name="aliases">For common names, an alias whose model accepts it.</param>
internal sealed class InputHints(string? model, IReadOnlyDictionary<string, string> aliases)
{
    private const int MostKin = 3;

    /// <summary>Hints without a model's name and without other models.</summary>
    public static InputHints None { get; } = new(null, new Dictionary<string, string>());

    /// <summary>Describes what to do about a common name that the model has no input for.</summary>
    public string OfCommon(InputSchema schema, string common)
    {
        var kin = schema.Properties.Where(own => CommonNames.IsKin(common, own)).Take(MostKin).Select(own => $"'{own.Name}'").ToList();
        var own = kin.Count == 0 ? "" : $" Its own inputs that may do, in $.input: {string.Join(", ", kin)}.";
        var other = aliases.TryGetValue(common, out var alias) ? $" The alias '{alias}' takes it." : "";
        return $"{model ?? "this model"} has no input for it. It takes: {string.Join(", ", CommonTargets.Of(schema).Keys)}.{own}{other} "
            + $"All its own names, for $.input: {schema.Names}";
    }

    /// <summary>Describes what to do about a member of <c>input</c> that the model does not have.</summary>
    public static string OfOwn(InputSchema schema, string name) =>
        $"is not an input of this model.{Meant(schema, name)} It takes: {schema.Names}";

    private static string Meant(InputSchema schema, string name)
    {
        if (CommonNames.MeantBy(name) is { } common && Target(schema, common) is { } target)
            return target;
        if (NearestName.Find(name, schema.Properties.Select(own => own.Name)) is { } own)
            return $" Did you mean '{own}'?";
        return NearestName.Find(name, CommonNames.Known) is { } near ? Target(schema, CommonNames.MeantBy(near)!) ?? "" : "";
    }

    /// <summary>Suggests the model's own name for a common one, or what the common one becomes without it.</summary>
    private static string? Target(InputSchema schema, string common)
    {
        var slot = schema.SlotOfCommon(common);
        if (slot >= 0)
            return $" Did you mean '{schema.Properties[slot].Name}'?";
        return CommonTargets.Of(schema).TryGetValue(common, out var own)
            ? $" Next to 'input', not in it, the common name '{common}' sets {string.Join(" and ", own.Select(each => $"'{each}'"))}."
            : null;
    }
}
