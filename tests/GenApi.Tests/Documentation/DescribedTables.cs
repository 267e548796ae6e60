using System.Globalization;
using System.Text.Json;

namespace GenApi.Tests.Documentation;

/// <summary>Tables of a page, written from docs/openapi.json: the members of an object, the parameters of a query, headers.</summary>
internal sealed class DescribedTables
{
    private readonly JsonElement _document = JsonElement.Parse(File.ReadAllText(Repository.PathOf("docs/openapi.json")));

    /// <summary>Every object of the document, by name.</summary>
    public IEnumerable<string> Objects =>
        Schemas.EnumerateObject().Where(schema => !schema.Value.TryGetProperty("enum", out _)).Select(schema => schema.Name);

    /// <summary>Every operation with parameters in its query, such as <c>GET /models</c>.</summary>
    public IEnumerable<string> Queries => _document.GetProperty("paths").EnumerateObject()
        .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"))
        .Where(operation => ParametersOf(operation, "query").Any());

    private JsonElement Schemas => _document.GetProperty("components").GetProperty("schemas");

    /// <summary>The names of an object's members, in order.</summary>
    public IEnumerable<string> MembersOf(string schema) =>
        Schemas.GetProperty(schema).GetProperty("properties").EnumerateObject().Select(member => member.Name);

    /// <param name="kind"><c>members</c>, <c>query</c>, <c>headers</c> or <c>answer headers</c>.</param>
    /// <param name="what">A schema; an operation; an operation and a status.</param>
    /// <returns>The rows, with the head.</returns>
    public IReadOnlyList<string> Of(string kind, string what) => kind switch
    {
        "members" => ["| member | type | meaning |", "|---|---|---|", .. Members(what)],
        "query" =>
        [
            "| parameter | type | meaning |", "|---|---|---|",
            .. ParametersOf(what, "query").Select(each => Row(each, TypeOf(each.GetProperty("schema"), false))),
        ],
        "headers" => ["| header | meaning |", "|---|---|", .. ParametersOf(what, "header").Select(each => Row(each, null))],
        "answer headers" => ["| header | meaning |", "|---|---|", .. AnswerHeaders(what)],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such table."),
    };

    private static string Row(JsonElement parameter, string? type) =>
        Row(parameter.GetProperty("name").GetString()!, type, TextOf(parameter));

    private static string Row(string name, string? type, string meaning) => type is null
        ? $"| `{name}` | {meaning} |"
        : $"| `{name}` | {type} | {meaning} |";

    private static string TextOf(JsonElement described) => described.TryGetProperty("description", out var text) ? text.GetString()! : "";

    private IEnumerable<string> Members(string name)
    {
        var schema = Schemas.GetProperty(name);
        // What an object adds to another one stands in the second part.
        var members = schema.TryGetProperty("allOf", out var parts) ? parts[1] : schema;
        // A request may always hold null in the place of a member, and says what that means.
        var isRequest = name.EndsWith("Request", StringComparison.Ordinal);
        return members.GetProperty("properties").EnumerateObject().Select(
            member => Row(member.Name, TypeOf(member.Value, isRequest), TextOf(member.Value)));
    }

    private IEnumerable<JsonElement> ParametersOf(string operation, string place) =>
        Operation(operation).TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Where(each => each.GetProperty("in").GetString() == place)
            : [];

    private IEnumerable<string> AnswerHeaders(string what)
    {
        var at = what.LastIndexOf(' ');
        var answer = Operation(what[..at]).GetProperty("responses").GetProperty(what[(at + 1)..]);
        return answer.GetProperty("headers").EnumerateObject().Select(each => Row(each.Name, null, TextOf(each.Value)));
    }

    private JsonElement Operation(string operation) => operation.Split(' ') is [var method, var path]
        ? _document.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant())
        : throw new ArgumentException($"{operation} is no operation.", nameof(operation));

    private string TypeOf(JsonElement schema, bool isRequest)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return Component(Schemas.GetProperty(reference.GetString()!.Split('/')[^1]));
        if (schema.TryGetProperty("oneOf", out var choices))
            return OrNull(choices[1].TryGetProperty("not", out _) ? "any JSON" : TypeOf(choices[1], isRequest));
        if (!schema.TryGetProperty("type", out var type))
            return "any JSON";
        var types = type.ValueKind == JsonValueKind.Array
            ? [.. type.EnumerateArray().Select(each => each.GetString()!)]
            : new List<string> { type.GetString()! };
        var plain = Plain(types.First(each => each != "null"), schema);
        return types.Contains("null") ? OrNull(plain) : plain;

        string OrNull(string text) => isRequest ? text : $"{text} or null";
    }

    private static string Component(JsonElement schema) =>
        schema.TryGetProperty("enum", out var words)
            ? $"one of {string.Join(", ", words.EnumerateArray().Select(word => $"`{word.GetString()}`"))}"
            : "object";

    private string Plain(string type, JsonElement schema) => type switch
    {
        "string" when schema.TryGetProperty("format", out var format) && format.GetString() == "date-time" => "time",
        "string" => Bounded("string", schema, "minLength", "maxLength", " characters"),
        "integer" => Bounded("whole number", schema, "minimum", "maximum", ""),
        "array" => ListOf(TypeOf(schema.GetProperty("items"), false)),
        "object" when schema.TryGetProperty("additionalProperties", out var values)
            && TypeOf(values, false) == "string" => "object of strings",
        "number" => Bounded("number", schema, "minimum", "maximum", ""),
        _ => type,
    };

    private static string ListOf(string items) => items switch
    {
        "object" => "list of objects",
        "string" => "list of strings",
        _ => $"list of {items.Replace("one of ", "", StringComparison.Ordinal)}",
    };

    private static string Bounded(string type, JsonElement schema, string least, string most, string unit) =>
        (Number(schema, least), Number(schema, most)) switch
        {
            ({ } from, { } to) => $"{type}, {from} to {to}{unit}",
            ({ } from, null) => $"{type}, from {from}{unit}",
            (null, { } to) => $"{type}, at most {to}{unit}",
            _ => type,
        };

    private static string? Number(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var bound) ? bound.GetDecimal().ToString("#,0.####", CultureInfo.InvariantCulture) : null;
}
