using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Builds a body for POST /generate that a model accepts: its author's example as far as today's schema accepts it, or the required inputs.
/// It includes a seed, so sending it twice costs once.
/// </summary>
internal static class ExampleRequest
{
    private const string UsualPrompt = "a lighthouse above a quiet sea, oil painting";
    private const long UsualSeed = 42;
    private const int LongestPrompt = 2_000;
    private const int LongestWord = 64;

    /// <summary>A grey square of 64 pixels, for models that require an image.</summary>
    private const string SmallPicture = "data:image/png;base64,"
        + "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAKUlEQVR42u3MQREAAAwCIKMb3RD77SAA6VEEAoFAIBAIBAKBQCAQfA8G320AeXC6"
        + "efoAAAAASUVORK5CYII=";

    public static JsonObject Write(string model, InputSchema schema, JsonElement? example)
    {
        var body = new JsonObject { ["model"] = model };
        var own = new JsonObject();
        foreach (var (name, value) in Members(schema, example))
        {
            if (CommonName(schema, name, value) is { } common)
                body[common] = JsonNode.Parse(value.GetRawText());
            else
                own[name] = JsonNode.Parse(value.GetRawText());
        }
        if (own.Count > 0)
            body["input"] = own;
        return body;
    }

    private static IEnumerable<KeyValuePair<string, JsonElement>> Members(InputSchema schema, JsonElement? example)
    {
        var given = example is { ValueKind: JsonValueKind.Object } shown
            ? shown.EnumerateObject()
                .Where(member => member.Value.ValueKind != JsonValueKind.Null).DistinctBy(member => member.Name)
                .ToDictionary(member => member.Name, member => member.Value)
            : [];
        if (!schema.IsKnown)
            return given.Count > 0 ? given : new Dictionary<string, JsonElement> { [CommonNames.Prompt] = Text(UsualPrompt) };
        var members = new OrderedDictionary<string, JsonElement>();
        for (var slot = 0; slot < schema.Properties.Count; slot++)
        {
            var property = schema.Properties[slot];
            // An example's files may be gone by now, and a run that can't fetch one fails.
            if (given.TryGetValue(property.Name, out var value) && !IsFile(property.Rule) && Takes(schema, property.Name, value))
                members[property.Name] = value;
            else if (slot == schema.SeedSlot)
                members[property.Name] = Number(Math.Clamp(UsualSeed, schema.SeedRange.Min, schema.SeedRange.Max));
            else if (property.Name == CommonNames.Prompt && Takes(schema, property.Name, Text(UsualPrompt)))
                members[property.Name] = Text(UsualPrompt);
            else if (property.Name == CommonNames.Prompt || property is { Required: true, Default: null })
                members[property.Name] = property.Default ?? Sample(property.Rule);
        }
        return members;
    }

    private static bool Takes(InputSchema schema, string name, JsonElement value)
    {
        try
        {
            var own = new JsonObject { [name] = JsonNode.Parse(value.GetRawText()) }.Deserialize<JsonElement>();
            InputNames.Map(schema, new Dictionary<string, JsonElement>(), own);
            return true;
        }
        catch (GenApiException refusal)
        {
            // Alone it lacks other required inputs, which is not its fault.
            var path = InputProblems.PathOf(name);
            return !refusal.Errors.Keys.Any(each => each == path || each.StartsWith(path + "[", StringComparison.Ordinal));
        }
    }

    /// <summary>Returns the common name with the same meaning; null: it stays under the model's own name.</summary>
    private static string? CommonName(InputSchema schema, string name, JsonElement value)
    {
        var common = schema.IsKnown ? schema.CommonNameOf(schema.SlotOf(name)) : UncheckedInput.OwnName(name);
        return common is not null && common switch
        {
            CommonNames.Prompt => IsText(value, LongestPrompt) && !string.IsNullOrWhiteSpace(value.GetString()),
            CommonNames.NegativePrompt => IsText(value, LongestPrompt) && value.GetString() is { Length: > 0 },
            CommonNames.AspectRatio or CommonNames.OutputFormat => IsText(value, LongestWord) && value.GetString() is { Length: > 0 },
            // If they count only together with one of the model's own, all three are shown as its own.
            CommonNames.Width or CommonNames.Height => schema.Sizes.Custom is null && IsWhole(value, 1),
            CommonNames.NumOutputs or CommonNames.Steps => IsWhole(value, 1),
            CommonNames.Seed => IsWhole(value, 0),
            CommonNames.Guidance => value.ValueKind == JsonValueKind.Number,
            CommonNames.Strength =>
                !CommonNames.IsInverted(name) && value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= 0 and <= 1,
            // Files stay under the model's own name.
            _ => false,
        } ? common : null;
    }

    private static bool IsFile(InputRule rule) => rule.IsFile || rule.Items is { IsFile: true };

    private static bool IsText(JsonElement value, int longest) =>
        value.ValueKind == JsonValueKind.String && value.GetString()!.Length <= longest;

    private static bool IsWhole(JsonElement value, long least) => value.ValueKind == JsonValueKind.Number
        && InputCheck.TryInteger(value, out var number) && number >= least && number <= int.MaxValue;

    /// <summary>Returns the simplest value that a rule allows, as far as the rule shows it.</summary>
    public static JsonElement Sample(InputRule rule) => rule switch
    {
        { Allowed: [var first, ..] } => first,
        { AnyOf: [var first, ..] } => Sample(first),
        { IsFile: true } => Text(SmallPicture),
        _ when rule.Types.HasFlag(InputTypes.String) || rule.Types == InputTypes.Any =>
            Text(UsualPrompt[..Math.Min(UsualPrompt.Length, rule.MaxLength ?? UsualPrompt.Length)]),
        _ when rule.Types.HasFlag(InputTypes.Integer) || rule.Types.HasFlag(InputTypes.Number) =>
            Number((rule.Minimum ?? rule.Maximum ?? 1) + (rule.ExclusiveMinimum ? 1 : 0)),
        _ when rule.Types.HasFlag(InputTypes.Boolean) => JsonElement.Parse("false"),
        { IsArray: true, Items: { } items } => JsonElement.Parse($"[{Sample(items).GetRawText()}]"),
        { IsArray: true } => JsonElement.Parse("[]"),
        _ => JsonElement.Parse("{}"),
    };

    private static JsonElement Number(decimal number) => JsonElement.Parse(FormattableString.Invariant($"{number}"));

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text);
}
