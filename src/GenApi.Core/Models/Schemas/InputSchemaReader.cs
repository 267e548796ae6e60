using System.Text.Json;

namespace GenApi.Core.Models.Schemas;

/// <summary>
/// Reads one OpenAPI document of a model. It is tolerant: anything it does not understand sets no rule, because the upstream checks again,
/// while a rule made up by us would refuse valid input.
/// </summary>
internal sealed class InputSchemaReader(JsonElement document)
{
    /// <summary>A longer chain of references is a cycle.</summary>
    internal const int DeepestReference = 16;

    /// <summary>
    /// The limit for all rules together. Otherwise references that fork and meet again would be followed once for each path.
    /// </summary>
    private const int MostRules = 20_000;

    /// <summary>A longer reference is invalid.</summary>
    private const int LongestReference = 500;

    private int _read;

    /// <summary>The path of the inputs.</summary>
    internal const string Inputs = "#/components/schemas/Input";

    /// <summary>Reads the inputs in the author's order; null if the document describes none.</summary>
    public IReadOnlyList<InputProperty>? ReadInputs()
    {
        var input = Find(document, Inputs);
        if (Member(input, "properties") is not { ValueKind: JsonValueKind.Object } properties)
            return null;
        var required = Texts(Member(input, "required")).ToHashSet();
        return
        [
            .. properties.EnumerateObject()
                .Where(property => property.Value.ValueKind == JsonValueKind.Object)
                .DistinctBy(property => property.Name)
                .OrderBy(property => Decimal(property.Value, "x-order") ?? decimal.MaxValue)
                .Select(property => new InputProperty(
                    property.Name,
                    Read(property.Value, 0),
                    Given(property.Value, "default"),
                    required.Contains(property.Name),
                    Text(property.Value, "description"))),
        ];
    }

    private InputRule Read(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > DeepestReference || ++_read > MostRules)
            return InputRule.Anything;
        var rule = Own(schema, depth);
        if (Text(schema, "$ref") is { } reference)
            rule = rule.And(Read(Find(document, reference), depth + 1));
        if (Member(schema, "allOf") is { ValueKind: JsonValueKind.Array } all)
            rule = all.EnumerateArray().Aggregate(rule, (sum, part) => sum.And(Read(part, depth + 1)));
        foreach (var choice in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (Member(schema, choice) is { ValueKind: JsonValueKind.Array } any)
                rule = rule.And(Choice(any, depth));
        }
        return rule;
    }

    private InputRule Choice(JsonElement any, int depth)
    {
        var choices = any.EnumerateArray()
            .Where(choice => Text(choice, "type") != "null")
            .Select(choice => Read(choice, depth + 1))
            .ToList();
        var rule = choices.Count == 1 ? choices[0] : new InputRule { AnyOf = choices };
        return choices.Count == any.GetArrayLength() ? rule : rule with { Nullable = true };
    }

    private InputRule Own(JsonElement schema, int depth)
    {
        var types = InputTypes.Any;
        var nullable = Member(schema, "nullable").ValueKind == JsonValueKind.True;
        foreach (var name in Texts(Member(schema, "type")))
        {
            nullable |= name == "null";
            types |= name switch
            {
                "string" => InputTypes.String,
                "integer" => InputTypes.Integer,
                "number" => InputTypes.Number,
                "boolean" => InputTypes.Boolean,
                "array" => InputTypes.Array,
                "object" => InputTypes.Object,
                _ => InputTypes.Any,
            };
        }
        // OpenAPI 3.0 has a flag next to the bound, 3.1 the bound itself.
        var above = Decimal(schema, "exclusiveMinimum");
        var below = Decimal(schema, "exclusiveMaximum");
        return new InputRule
        {
            Types = types,
            Nullable = nullable,
            Format = Text(schema, "format"),
            Allowed = Allowed(schema),
            Minimum = above ?? Decimal(schema, "minimum"),
            Maximum = below ?? Decimal(schema, "maximum"),
            ExclusiveMinimum = above is not null || Member(schema, "exclusiveMinimum").ValueKind == JsonValueKind.True,
            ExclusiveMaximum = below is not null || Member(schema, "exclusiveMaximum").ValueKind == JsonValueKind.True,
            MinLength = Count(schema, "minLength"),
            MaxLength = Count(schema, "maxLength"),
            MinItems = Count(schema, "minItems"),
            MaxItems = Count(schema, "maxItems"),
            Items = Member(schema, "items") is { ValueKind: JsonValueKind.Object } items ? Read(items, depth + 1) : null,
        };
    }

    private static IReadOnlyList<JsonElement> Allowed(JsonElement schema)
    {
        if (Member(schema, "enum") is { ValueKind: JsonValueKind.Array } values)
            return [.. values.EnumerateArray().Where(value => value.ValueKind != JsonValueKind.Null).Select(value => value.Clone())];
        return Given(schema, "const") is { } value ? [value] : [];
    }

    /// <summary>
    /// Returns the target of a <c>$ref</c>; undefined if there is none. Only within the document: a schema must not make GenApi fetch
    /// anything.
    /// </summary>
    internal static JsonElement Find(JsonElement document, string reference)
    {
        if (!reference.StartsWith("#/", StringComparison.Ordinal) || reference.Length > LongestReference)
            return default;
        return reference[2..].Split('/').Aggregate(document, (at, part) => Member(
            at, part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)));
    }

    /// <summary>Returns a member; undefined if there is none.</summary>
    internal static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    /// <summary>Returns a copy that outlives the document; null if the member is absent or null.</summary>
    private static JsonElement? Given(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } value ? value.Clone() : null;

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray()
            .Where(item => item.ValueKind == JsonValueKind.String)
            .Select(item => item.GetString()!),
        _ => [],
    };

    private static decimal? Decimal(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDecimal(out var value) ? value : null;

    private static int? Count(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;
}
