using System.Text.Json;
using System.Text.Json.Nodes;

namespace GenApi.Core.Models.Schemas;

/// <summary>
/// Writes a model's inputs as a self-contained JSON Schema for people and tools: references are resolved, inputs keep the author's order,
/// and OpenAPI's own words (<c>nullable</c>, bounds as flags) become those of JSON Schema.
/// </summary>
internal sealed class InputDocument
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>The description that Python's generator writes for every list of choices.</summary>
    private const string NoDescription = "An enumeration.";

    private readonly JsonElement _document;

    private InputDocument(JsonElement document) => _document = document;

    /// <param name="document">The OpenAPI document of the version.</param>
    /// <param name="schema">The schema read from it; known.</param>
    public static JsonObject Write(JsonElement document, InputSchema schema)
    {
        var described = InputSchemaReader.Member(InputSchemaReader.Find(document, InputSchemaReader.Inputs), "properties");
        var writer = new InputDocument(document);
        var properties = new JsonObject();
        foreach (var property in schema.Properties)
            properties[property.Name] = writer.Plain(InputSchemaReader.Member(described, property.Name), 0);
        return new JsonObject
        {
            ["$schema"] = Dialect,
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. schema.Properties
                .Where(property => property is { Required: true, Default: null })
                .Select(property => (JsonNode)property.Name)]),
            ["additionalProperties"] = false,
        };
    }

    private JsonObject Plain(JsonElement schema, int depth)
    {
        var plain = new JsonObject();
        if (schema.ValueKind != JsonValueKind.Object || depth > InputSchemaReader.DeepestReference)
            return plain;
        if (InputSchemaReader.Member(schema, "$ref") is { ValueKind: JsonValueKind.String } reference)
            Put(plain, Plain(InputSchemaReader.Find(_document, reference.GetString()!), depth + 1));
        // A single part is a reference to a list of choices; its members and those next to it describe one thing.
        if (InputSchemaReader.Member(schema, "allOf") is { ValueKind: JsonValueKind.Array } parts && parts.GetArrayLength() == 1)
            Put(plain, Plain(parts[0], depth + 1));
        if (plain["description"]?.GetValueKind() == JsonValueKind.String && plain["description"]!.GetValue<string>() == NoDescription)
            plain.Remove("description");
        foreach (var member in schema.EnumerateObject())
        {
            var isMerged = member.Name == "allOf" && member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() == 1;
            if (member.Name is not "$ref" && !isMerged)
                plain[member.Name] = Value(member, depth);
        }
        ToJsonSchema(plain);
        return plain;
    }

    private JsonNode? Value(JsonProperty member, int depth) => (member.Name, member.Value.ValueKind) switch
    {
        ("items" or "additionalProperties", JsonValueKind.Object) => Plain(member.Value, depth + 1),
        ("allOf" or "anyOf" or "oneOf", JsonValueKind.Array) =>
            new JsonArray([.. member.Value.EnumerateArray().Select(part => (JsonNode)Plain(part, depth + 1))]),
        ("properties", JsonValueKind.Object) => Members(member.Value, depth),
        _ => JsonNode.Parse(member.Value.GetRawText()),
    };

    private JsonObject Members(JsonElement properties, int depth)
    {
        var plain = new JsonObject();
        foreach (var property in properties.EnumerateObject())
            plain[property.Name] = Plain(property.Value, depth + 1);
        return plain;
    }

    private static void ToJsonSchema(JsonObject schema)
    {
        if (schema["nullable"] is JsonValue nullable && schema.Remove("nullable") && nullable.GetValueKind() == JsonValueKind.True)
            AllowNull(schema);
        foreach (var (flag, bound) in ((string, string)[])[("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")])
        {
            if (schema[flag] is not JsonValue value || value.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
                continue;
            schema.Remove(flag);
            if (value.GetValueKind() == JsonValueKind.True && schema[bound] is { } number && schema.Remove(bound))
                schema[flag] = number;
        }
    }

    private static void AllowNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String)
            schema["type"] = new JsonArray(type.GetValue<string>(), "null");
        if (schema["enum"] is JsonArray choices && !choices.Contains(null))
            choices.Add(null);
        if (schema["anyOf"] is JsonArray any)
            any.Add(new JsonObject { ["type"] = "null" });
    }

    private static void Put(JsonObject target, JsonObject from)
    {
        foreach (var (name, value) in from.ToArray())
        {
            from.Remove(name);
            target[name] = value;
        }
    }
}
