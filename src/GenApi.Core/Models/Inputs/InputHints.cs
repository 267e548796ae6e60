using GenApi.Core.Errors;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Answers somebody who gives a model a name that it does not have: what to write instead, and what the model takes.
/// </summary>
/// <param name="model"><c>owner/name</c>; null where it does not matter.</param>
/// <param name="aliases">Common name to an alias whose model takes it.</param>
internal sealed class InputHints(string? model, IReadOnlyDictionary<string, string> aliases)
{
    private const int MostKin = 3;

    /// <summary>Of a model without a name, and without other models.</summary>
    public static InputHints None { get; } = new(null, new Dictionary<string, string>());

    /// <summary>For a common name that the model has nothing for.</summary>
    public string OfCommon(InputSchema schema, string common)
    {
        var kin = schema.Properties.Where(own => CommonNames.IsKin(common, own)).Take(MostKin).Select(own => $"'{own.Name}'").ToList();
        var own = kin.Count == 0 ? "" : $" Its own inputs that may do, in $.input: {string.Join(", ", kin)}.";
        var other = aliases.TryGetValue(common, out var alias) ? $" The alias '{alias}' takes it." : "";
        return $"{model ?? "this model"} has no input for it. It takes: {string.Join(", ", CommonTargets.Of(schema).Keys)}.{own}{other} "
            + $"All its own names, for $.input: {schema.Names}";
    }

    /// <summary>For a member of <c>input</c> that the model does not have.</summary>
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

    /// <summary>The model's own name for a common one, or what the common one becomes where there is none.</summary>
    private static string? Target(InputSchema schema, string common)
    {
        var place = schema.PlaceOfCommon(common);
        if (place >= 0)
            return $" Did you mean '{schema.Properties[place].Name}'?";
        return CommonTargets.Of(schema).TryGetValue(common, out var own)
            ? $" Beside 'input' and not in it, the common name '{common}' sets {string.Join(" and ", own.Select(each => $"'{each}'"))}."
            : null;
    }
}
