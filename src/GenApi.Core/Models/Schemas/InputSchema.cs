using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Models.Canonical;

namespace GenApi.Core.Models.Schemas;

/// <summary>What a model takes, read once from the OpenAPI document of its version.</summary>
public sealed class InputSchema
{
    private readonly FrozenDictionary<string, int> _places;
    private readonly FrozenDictionary<string, int> _common;

    private InputSchema(IReadOnlyList<InputProperty> properties, bool isKnown)
    {
        Properties = properties;
        IsKnown = isKnown;
        Names = string.Join(", ", properties.Select(property => property.Name));
        _places = Enumerable.Range(0, properties.Count).ToFrozenDictionary(place => properties[place].Name, StringComparer.Ordinal);
        _common = CommonNames.All
            .Select(common => (common, name: CommonNames.OwnNames(common).FirstOrDefault(_places.ContainsKey)))
            .Where(pair => pair.name is not null)
            .ToFrozenDictionary(pair => pair.common, pair => _places[pair.name!]);
        SeedPlace = PlaceOf("seed") is var place and >= 0
            && (properties[place].Rule.Types & ~(InputTypes.Integer | InputTypes.Number)) == 0 ? place : -1;
        SeedRange = RangeOfSeeds();
        Sizes = new SizeChoices(properties);
    }

    /// <summary>Of a model that tells nothing about its inputs: takes everything under the model's own names.</summary>
    public static InputSchema Unknown { get; } = new([], false);

    /// <summary>In the order in which the model's author shows them.</summary>
    internal IReadOnlyList<InputProperty> Properties { get; }

    public bool IsKnown { get; }

    /// <summary>Whether the model is known to take a seed, so that one can be chosen for it.</summary>
    public bool TakesSeed => SeedPlace >= 0;

    /// <summary>
    /// From where to choose a seed, both ends included: 1 to 2^31-1 within what the schema allows. Never 0 where it can be helped: some
    /// models take 0 for "any".
    /// </summary>
    public (long Min, long Max) SeedRange { get; }

    /// <summary>For sentences about what is allowed.</summary>
    internal string Names { get; }

    internal int SeedPlace { get; }

    internal SizeChoices Sizes { get; }

    /// <summary>Anything that describes no inputs gives <see cref="Unknown"/>.</summary>
    /// <param name="openApiSchema">The <c>openapi_schema</c> of a model's version.</param>
    public static InputSchema Parse(JsonElement openApiSchema)
    {
        // Half a surrogate pair can't become a .NET string; a document with one in it is no use to anybody.
        if (openApiSchema.ValueKind != JsonValueKind.Object || CanonicalText.HasLoneSurrogate(JsonMarshal.GetRawUtf8Value(openApiSchema)))
            return Unknown;
        return new InputSchemaReader(openApiSchema).ReadInputs() is { } properties ? new InputSchema(properties, true) : Unknown;
    }

    public bool Has(string name) => _places.ContainsKey(name);

    internal InputProperty? Find(string name) => _places.TryGetValue(name, out var place) ? Properties[place] : null;

    internal int PlaceOf(string name) => _places.TryGetValue(name, out var place) ? place : -1;

    /// <summary>Where the model's own input for a common name is; -1 when it has none.</summary>
    internal int PlaceOfCommon(string common) => _common.TryGetValue(common, out var place) ? place : -1;

    /// <summary>The common name that a caller can give this input by; null when there is none.</summary>
    internal string? CommonNameOf(int place)
    {
        foreach (var (common, target) in _common)
        {
            if (target == place)
                return common;
        }
        return null;
    }

    private (long Min, long Max) RangeOfSeeds()
    {
        if (!TakesSeed)
            return (1, int.MaxValue);
        var rule = Properties[SeedPlace].Rule;
        var min = Math.Clamp(rule.Minimum ?? 1, long.MinValue, long.MaxValue);
        var max = Math.Clamp(rule.Maximum ?? int.MaxValue, long.MinValue, long.MaxValue);
        var low = (long)Math.Ceiling(min) + (rule.ExclusiveMinimum ? 1 : 0);
        var high = (long)Math.Floor(max) - (rule.ExclusiveMaximum ? 1 : 0);
        return high < 1 ? (Math.Min(low, high), high) : (Math.Max(low, 1), Math.Max(Math.Max(low, 1), Math.Min(high, int.MaxValue)));
    }
}
