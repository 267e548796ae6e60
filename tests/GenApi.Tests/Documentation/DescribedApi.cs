using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace GenApi.Tests.Documentation;

/// <summary>
/// Judges answers by the API document: their status, content type and body must be described. It refuses members that a schema does not
/// name, although the document allows them for later versions.
/// </summary>
internal sealed class DescribedApi
{
    private const string Components = "#/components/schemas/", Definitions = "#/$defs/";

    private static readonly JsonElement ProblemContent =
        JsonElement.Parse("""{ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }""");

    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly JsonElement _document;
    private readonly string _definitions;
    private readonly Dictionary<string, JsonSchema> _schemas = [];

    public DescribedApi(JsonElement document)
    {
        _document = document;
        var schemas = JsonNode.Parse(document.GetProperty("components").GetProperty("schemas").GetRawText())!.AsObject();
        foreach (var name in schemas.Select(each => each.Key).ToList())
            schemas[name] = Closed(schemas, name);
        _definitions = schemas.ToJsonString().Replace(Components, Definitions, StringComparison.Ordinal);
    }

    /// <summary>A path without parameters may be one with parameters too, such as <c>/images/tags</c> for a method of an image.</summary>
    private bool TryOther(string method, string path, out JsonElement operation)
    {
        var parts = path.Split('/');
        foreach (var other in _document.GetProperty("paths").EnumerateObject().Where(each => each.Name != path))
        {
            var pattern = other.Name.Split('/');
            if (pattern.Length == parts.Length && pattern.Zip(parts).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second)
                && other.Value.TryGetProperty(method.ToLowerInvariant(), out operation))
                return true;
        }
        operation = default;
        return false;
    }

    /// <param name="method">The method, in capitals.</param>
    /// <param name="path">The path as in the document; null: one that is not there.</param>
    /// <param name="answer">The answer to a request.</param>
    /// <returns>The fault; null: none.</returns>
    public string? Judge(string method, string? path, Answer answer)
    {
        if (path is null)
            return answer.Status is 404 ? method == "HEAD" ? null : Judge(
                ProblemContent, answer) : $"{answer.Status} where there is nothing.";
        var operations = _document.GetProperty("paths").GetProperty(path);
        if (!operations.TryGetProperty(method.ToLowerInvariant(), out var operation) && !TryOther(method, path, out operation))
        {
            // There is no such operation, and the other operations of the path say so.
            if (answer.Status != 405)
                return $"{answer.Status} to a method that the path does not list.";
            operation = operations.EnumerateObject().First(each => each.Name != "head").Value;
        }
        if (!operation.GetProperty("responses").TryGetProperty(answer.Status.ToString(CultureInfo.InvariantCulture), out var response))
            return $"{answer.Status} is not in the document.";
        if (response.TryGetProperty("$ref", out var reference))
            response = reference.GetString()!.Split('/').Skip(1).Aggregate(_document, (element, name) => element.GetProperty(name));
        return method == "HEAD" || !response.TryGetProperty("content", out var content)
            ? answer.Body.Length == 0 ? null : $"{answer.Status} has a body, which is not in the document."
            : Judge(content, answer);
    }

    private string? Judge(JsonElement content, Answer answer)
    {
        var type = answer.Header("Content-Type")?.Split(';')[0];
        var described = content.EnumerateObject().FirstOrDefault(each => each.Name == type || IsRange(each.Name, type));
        if (described.Value.ValueKind == JsonValueKind.Undefined)
            return $"{answer.Status} of the type {type ?? "none"} is not in the document.";
        // A partial answer is bytes, whatever its type says.
        return type!.EndsWith("json", StringComparison.Ordinal) && described.Name == type
            ? Judge(described.Value.GetProperty("schema").GetRawText(), answer.Body)
            : null;

        static bool IsRange(string name, string? type) => type is not null && (name == "*/*"
            || (name.EndsWith("/*", StringComparison.Ordinal) && type.StartsWith(name[..^1], StringComparison.Ordinal)));
    }

    private string? Judge(string schema, byte[] body)
    {
        JsonSchema judge;
        lock (_schemas)
        {
            if (!_schemas.TryGetValue(schema, out judge!))
            {
                var inner = schema.Replace(Components, Definitions, StringComparison.Ordinal);
                _schemas[schema] = judge = JsonSchema.FromText($$"""
                    { "$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [{{inner}}], "$defs": {{_definitions}} }
                    """);
            }
        }
        var results = judge.Evaluate(JsonNode.Parse(body), Options);
        var errors = results.Details.Where(each => each.HasErrors)
            .SelectMany(each => each.Errors!.Select(error => $"{each.InstanceLocation}: {error.Value} ({each.SchemaLocation.Fragment})"));
        return results.IsValid ? null : string.Join("; ", errors);
    }

    /// <summary>Merges an object that extends another one into one object with the members of both.</summary>
    private static JsonObject Closed(JsonObject schemas, string name)
    {
        var schema = schemas[name]!.DeepClone().AsObject();
        if (schema["allOf"] is JsonArray parts)
        {
            var inherited = Closed(schemas, parts[0]!["$ref"]!.GetValue<string>()[Components.Length..]);
            var own = parts[1]!.AsObject();
            foreach (var (member, value) in own["properties"]!.AsObject())
                inherited["properties"]![member] = value!.DeepClone();
            foreach (var member in own["required"]!.AsArray())
                inherited["required"]!.AsArray().Add(member!.DeepClone());
            return inherited;
        }
        if (schema["properties"] is not null)
            schema["additionalProperties"] = false;
        return schema;
    }
}
