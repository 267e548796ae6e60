using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Builds the cheapest input of a model: one small image in few steps, with the author's defaults for everything else. Other required
/// inputs come from the model's example, or are the smallest values that the schema allows.
/// </summary>
internal static class CheapestInput
{
    /// <summary>The prompt for an image of nothing in particular.</summary>
    private const string Prompt = "a plain grey square";

    /// <summary>
    /// The side of a small image, if the schema allows it: image models accept multiples of 64, and few make anything smaller. A schema
    /// with a minimum of 1 does not mean it.
    /// </summary>
    private const int SmallSide = 256;

    /// <returns>An input that the schema accepts; or null and the reason, as a sentence.</returns>
    /// <param name="schema">The schema of the model.</param>
    /// <param name="example">The input of a run that the upstream shows; null: it shows none.</param>
    public static (NormalisedInput? Input, string? WhyNot) Of(InputSchema schema, JsonElement? example)
    {
        if (!schema.IsKnown)
            return (null, "The model publishes no input schema, so its required inputs are unknown.");
        var own = new JsonObject();
        for (var slot = 0; slot < schema.Properties.Count; slot++)
        {
            var property = schema.Properties[slot];
            var isNeeded = property is { Required: true, Default: null };
            if (isNeeded && NeedsFile(property.Rule))
                return (null, $"The model needs a file in '{property.Name}', which can't be made up.");
            if (Smallest(schema, property) is { } smallest)
                own[property.Name] = smallest;
            else if (isNeeded)
                own[property.Name] = Needed(property, example);
        }
        try
        {
            return (InputNames.Map(schema, new Dictionary<string, JsonElement>(), own.Deserialize<JsonElement>()), null);
        }
        catch (GenApiException refused)
        {
            var (path, problems) = refused.Errors.FirstOrDefault();
            var name = path?.Replace("$.input.", "", StringComparison.Ordinal);
            return (null, $"The model's schema refuses the smallest input that could be made up: {name} {problems?.FirstOrDefault()}.");
        }
    }

    /// <summary>
    /// Returns the value that makes a run small; null for an input without influence, or if the model's own default is the smallest known
    /// to work.
    /// </summary>
    private static JsonNode? Smallest(InputSchema schema, InputProperty property)
    {
        var name = property.Name;
        if (name == CommonNames.Prompt)
            return Takes(property.Rule, JsonValue.Create(Prompt)) ? JsonValue.Create(Prompt) : null;
        if (OutputCounts.IsCount(property) || IsFirstOf(schema, name, CommonNames.Steps))
            return Least(property, 1);
        if (name is CommonNames.Width or CommonNames.Height)
            return Least(property, SmallSide);
        if (schema.Sizes.Custom is { } custom && custom.Name == name && schema.Has(CommonNames.Width) && schema.Has(CommonNames.Height))
            return Node(custom.Choices[0]);
        if (schema.Sizes.Amounts.FirstOrDefault(list => list.Name == name) is { } amounts)
            return Node(amounts.Choices.MinBy(choice => choice.Megapixels).Value);
        return schema.Sizes.Sizes.FirstOrDefault(list => list.Name == name) is { } sizes
            ? Node(sizes.Choices.MinBy(choice => (long)choice.Width * choice.Height).Value)
            : null;
    }

    /// <summary>
    /// Returns the smallest allowed number from <paramref name="wanted"/> on, or the largest one below; never more than the default.
    /// </summary>
    private static JsonNode? Least(InputProperty property, decimal wanted)
    {
        var rule = property.Rule;
        if (rule.Allowed.Count > 0)
        {
            var choices = rule.Allowed
                .Where(value => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out _))
                .OrderBy(value => value.GetDecimal())
                .ToList();
            var fitting = choices.FindIndex(value => value.GetDecimal() >= wanted);
            return choices.Count == 0 ? null : Node(fitting < 0 ? choices[^1] : choices[fitting]);
        }
        if (!rule.Types.HasFlag(InputTypes.Integer) && !rule.Types.HasFlag(InputTypes.Number))
            return null;
        var low = Math.Ceiling((rule.Minimum ?? wanted) + (rule.ExclusiveMinimum ? 1 : 0));
        var high = Math.Floor((rule.Maximum ?? wanted) - (rule.ExclusiveMaximum ? 1 : 0));
        var least = Math.Max(low, rule.Maximum is null ? wanted : Math.Min(wanted, high));
        var usual = property.Default is { ValueKind: JsonValueKind.Number } given && given.TryGetDecimal(out var number)
            ? number
            : (decimal?)null;
        return usual <= least ? null : JsonNode.Parse(least.ToString(CultureInfo.InvariantCulture));
    }

    private static JsonNode? Needed(InputProperty property, JsonElement? example)
    {
        if (example is { ValueKind: JsonValueKind.Object } shown && shown.TryGetProperty(property.Name, out var value)
            && InputCheck.Problem(property.Rule, value) is null)
            return Node(value);
        return Node(ExampleRequest.Sample(property.Rule));
    }

    private static bool NeedsFile(InputRule rule) =>
        rule.IsFile || rule.Items is { IsFile: true } || (rule.AnyOf is [var first, ..] && NeedsFile(first));

    private static bool IsFirstOf(InputSchema schema, string name, string common) =>
        schema.SlotOfCommon(common) is var slot and >= 0 && schema.Properties[slot].Name == name;

    private static bool Takes(InputRule rule, JsonNode value) => InputCheck.Problem(rule, value.Deserialize<JsonElement>()) is null;

    private static JsonNode? Node(JsonElement value) => JsonNode.Parse(value.GetRawText());
}
