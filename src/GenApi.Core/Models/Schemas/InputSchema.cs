using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Models.Canonical;

namespace GenApi.Core.Models.Schemas;

/// <summary>Describes what a model accepts, read once from the OpenAPI document of its version.</summary>
public sealed class InputSchema
{
    private readonly FrozenDictionary<string, int> _slots;
    private readonly FrozenDictionary<string, int> _common;

    private InputSchema(IReadOnlyList<InputProperty> properties, bool isKnown)
    {
        Properties = properties;
        IsKnown = isKnown;
        Names = string.Join(", ", properties.Select(property => property.Name));
        _slots = Enumerable.Range(0, properties.Count).ToFrozenDictionary(slot => properties[slot].Name, StringComparer.Ordinal);
        _common = CommonNames.All
            .Select(common => (common, name: CommonNames.OwnNames(common).FirstOrDefault(_slots.ContainsKey)))
            .Where(pair => pair.name is not null)
            .ToFrozenDictionary(pair => pair.common, pair => _slots[pair.name!]);
        SeedSlot = SlotOf("seed") is var slot and >= 0
            && (properties[slot].Rule.Types & ~(InputTypes.Integer | InputTypes.Number)) == 0 ? slot : -1;
        SeedRange = RangeOfSeeds();
        Sizes = new SizeChoices(properties);
    }

    /// <summary>The schema of a model that does not describe its inputs: it accepts everything by the model's own names.</summary>
    public static InputSchema Unknown { get; } = new([], false);

    /// <summary>The inputs in the author's order.</summary>
    internal IReadOnlyList<InputProperty> Properties { get; }

    public bool IsKnown { get; }

    /// <summary>True if the model is known to take a seed, so that GenApi can choose one.</summary>
    public bool TakesSeed => SeedSlot >= 0;

    /// <summary>
    /// The range for choosing a seed, both ends included: 1 to 2^31-1, limited by the schema. It avoids 0 if possible: some models take 0
    /// for "any".
    /// </summary>
    public (long Min, long Max) SeedRange { get; }

    /// <summary>The names for sentences about what is allowed.</summary>
    internal string Names { get; }

    internal int SeedSlot { get; }

    internal SizeChoices Sizes { get; }

    /// <summary>Reads a document; one that describes no inputs gives <see cref="Unknown"/>.</summary>
    /// <param name="openApiSchema">The <c>openapi_schema</c> of a model's version.</param>
    public static InputSchema Parse(JsonElement openApiSchema)
    {
        // Half a surrogate pair can't become a .NET string; a document with one in it is useless to everyone.
        if (openApiSchema.ValueKind != JsonValueKind.Object || CanonicalText.HasLoneSurrogate(JsonMarshal.GetRawUtf8Value(openApiSchema)))
            return Unknown;
        return new InputSchemaReader(openApiSchema).ReadInputs() is { } properties ? new InputSchema(properties, true) : Unknown;
    }

    public bool Has(string name) => _slots.ContainsKey(name);

    internal InputProperty? Find(string name) => _slots.TryGetValue(name, out var slot) ? Properties[slot] : null;

    internal int SlotOf(string name) => _slots.TryGetValue(name, out var slot) ? slot : -1;

    /// <summary>Returns the position of the model's own input for a common name; -1 if it has none.</summary>
    internal int SlotOfCommon(string common) => _common.TryGetValue(common, out var slot) ? slot : -1;

    /// <summary>Returns the common name of an input; null if it has none.</summary>
    internal string? CommonNameOf(int slot)
    {
        foreach (var (common, target) in _common)
        {
            if (target == slot)
                return common;
        }
        return null;
    }

    private (long Min, long Max) RangeOfSeeds()
    {
        if (!TakesSeed)
            return (1, int.MaxValue);
        var rule = Properties[SeedSlot].Rule;
        var min = Math.Clamp(rule.Minimum ?? 1, long.MinValue, long.MaxValue);
        var max = Math.Clamp(rule.Maximum ?? int.MaxValue, long.MinValue, long.MaxValue);
        var low = (long)Math.Ceiling(min) + (rule.ExclusiveMinimum ? 1 : 0);
        var high = (long)Math.Floor(max) - (rule.ExclusiveMaximum ? 1 : 0);
        return high < 1 ? (Math.Min(low, high), high) : (Math.Max(low, 1), Math.Max(Math.Max(low, 1), Math.Min(high, int.MaxValue)));
    }
}
