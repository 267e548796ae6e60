using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NJsonSchema;
using NJsonSchema.Validation;

namespace GenApi.Tests.Replicate;

/// <summary>
/// Judges requests and answers by Replicate's published OpenAPI document. Recorded answers break it in a few places; only those are
/// allowed (a test compares the lists with the recordings).
/// </summary>
internal sealed class PublishedContract
{
    /// <summary>Members that the document requires and recorded answers lack.</summary>
    public static readonly IReadOnlyList<string> MayLack =
    [
        "schemas_prediction_response:data_removed", "schemas_prediction_response:model", "schemas_prediction_response:output",
            "schemas_prediction_response.urls:web",
    ];

    /// <summary>Members that are null in recorded answers although the document does not say so.</summary>
    public static readonly IReadOnlyList<string> MayBeNull = ["schemas_prediction_response:logs"];

    private readonly JsonObject _document;
    private readonly Dictionary<string, JsonSchema> _schemas = [];

    private PublishedContract(JsonObject document) => _document = document;

    /// <param name="relaxed">Names from the two lists; null is all of them.</param>
    public static PublishedContract Load(IReadOnlyCollection<string>? relaxed = null)
    {
        var document = JsonNode.Parse(File.ReadAllText(SharedFiles.Require("openapi.json")))!.AsObject();
        relaxed ??= [.. MayLack, .. MayBeNull];
        foreach (var name in relaxed)
        {
            var (place, member) = (name.Split(':')[0].Split('.'), name.Split(':')[1]);
            var schema = document["components"]!["schemas"]![place[0]]!;
            foreach (var step in place.Skip(1))
                schema = schema["properties"]![step]!;
            if (MayLack.Contains(name))
                schema["required"] = new JsonArray(
                    [.. schema["required"]!.AsArray().Select(required => required!.GetValue<string>()).Where(
                        required => required != member)]);
            else
                schema["properties"]![member]!["nullable"] = true;
        }

        Translate(document);
        return new PublishedContract(document);
    }

    /// <summary>Lists the problems of a request.</summary>
    public async Task<IReadOnlyList<string>> CheckRequestAsync(
        string method, Uri uri, IReadOnlyDictionary<string, string> headers, string body)
    {
        if (Find(method, uri) is not { } operation)
            return [$"{method} {uri.AbsolutePath} is not in the document"];
        List<string> faults = [];
        if (!headers.TryGetValue("Authorization", out var authorization) || !authorization.StartsWith("Bearer ", StringComparison.Ordinal))
            faults.Add("no bearer token");
        var parameters = (operation["parameters"] as JsonArray ?? []).Select(Resolve).ToArray();
        foreach (var parameter in parameters.Where(p => p["in"]!.GetValue<string>() == "header"))
        {
            var pattern = parameter["schema"]!["pattern"]?.GetValue<string>() ?? ".";
            if (headers.TryGetValue(parameter["name"]!.GetValue<string>(), out var value) && !Regex.IsMatch(value, pattern))
                faults.Add($"{parameter["name"]}: {value}");
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = pair.Split('=')[0];
            // The cursor of a next address is opaque and not in the document; the client follows it unchanged.
            if (name != "cursor" && parameters.All(p => p["in"]!.GetValue<string>() != "query" || p["name"]!.GetValue<string>() != name))
                faults.Add($"unknown query {name}");
        }

        var bodies = operation["requestBody"]?["content"];
        var schema = bodies?["application/json"]?["schema"];
        if (bodies?["multipart/form-data"]?["schema"] is { } form)
            faults.AddRange(CheckForm(form, headers.GetValueOrDefault("Content-Type", ""), body));
        else if (bodies?["text/plain"] is not null)
        {
            if (!headers.GetValueOrDefault("Content-Type", "").StartsWith("text/plain", StringComparison.Ordinal) || body.Length == 0)
                faults.Add("no text where one is asked for");
        }
        else if (schema is null)
        {
            if (body.Length > 0)
                faults.Add("a body where none is taken");
        }
        else
        {
            if (!headers.TryGetValue("Content-Type", out var type) || !type.StartsWith("application/json", StringComparison.Ordinal))
                faults.Add($"content type {type}");
            faults.AddRange(await CheckAsync(schema, body));
        }

        return faults;
    }

    /// <summary>Lists the problems of a successful answer.</summary>
    public async Task<IReadOnlyList<string>> CheckAnswerAsync(string method, Uri uri, int status, string contentType, string body)
    {
        if (Find(method, uri)?["responses"]?[$"{status}"] is not { } answer)
            return [$"{method} {uri.AbsolutePath} does not answer {status}"];
        if (answer["content"] is null)
            return body.Length == 0 ? [] : ["a body where none is given"];
        var schema = answer["content"]?["application/json"]?["schema"];
        if (schema is null || !contentType.StartsWith("application/json", StringComparison.Ordinal))
            return [$"content type {contentType}"];
        return await CheckAsync(schema, body);
    }

    private static IEnumerable<string> CheckForm(JsonNode schema, string type, string body)
    {
        if (!type.StartsWith("multipart/form-data; boundary=", StringComparison.Ordinal))
            yield return $"content type {type}";
        var names = Regex.Matches(body, @"Content-Disposition: form-data; name=""?([^"";\r\n]+)").Select(match => match.Groups[1].Value)
            .ToArray();
        foreach (var missing in schema["required"]!.AsArray().Select(name => name!.GetValue<string>()).Except(names))
            yield return $"no part {missing}";
        foreach (var unknown in names.Except(schema["properties"]!.AsObject().Select(property => property.Key)))
            yield return $"unknown part {unknown}";
    }

    private async Task<IReadOnlyList<string>> CheckAsync(JsonNode schema, string body)
    {
        var text = schema.ToJsonString();
        if (!_schemas.TryGetValue(text, out var compiled))
        {
            var root = new JsonObject
            {
                ["allOf"] = new JsonArray(schema.DeepClone()),
                ["definitions"] = _document["components"]!["schemas"]!.DeepClone()
            };
            _schemas[text] = compiled = await JsonSchema.FromJsonAsync(root.ToJsonString(), TestContext.Current.CancellationToken);
        }

        return [.. compiled.Validate(body).SelectMany(Leaves).Select(error => $"{error.Kind} {error.Path}").Distinct()];
    }

    private static IEnumerable<ValidationError> Leaves(ValidationError error)
    {
        if (error is not ChildSchemaValidationError parent)
            return [error];
        var leaves = parent.Errors.Values.SelectMany(list => list).SelectMany(Leaves).ToArray();
        return leaves.Length > 0 ? leaves : [parent];
    }

    private JsonObject? Find(string method, Uri uri)
    {
        var path = uri.AbsolutePath;
        if (!path.StartsWith("/v1/", StringComparison.Ordinal))
            return null;
        foreach (var (template, item) in _document["paths"]!.AsObject())
            if (Regex.IsMatch(path[3..], "^" + Regex.Replace(template, @"\{[^}]+\}", "[^/]+") + "$"))
                return item![method.ToLowerInvariant()]?.AsObject();
        return null;
    }

    private JsonNode Resolve(JsonNode? node) =>
        node!["$ref"]?.GetValue<string>() is { } reference ? _document["components"]!["parameters"]![reference.Split('/')[^1]]! : node;

    /// <summary>Translates OpenAPI's <c>nullable</c> and schema references to JSON Schema.</summary>
    private static void Translate(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
                Translate(item);
        }
        else if (node is JsonObject members)
        {
            if (members["$ref"] is JsonValue reference && reference.TryGetValue<string>(out var target))
                members["$ref"] = target.Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal);
            if (members["nullable"] is JsonValue nullable && nullable.TryGetValue<bool>(out var yes) && yes
                && members["type"] is JsonValue type)
                members["type"] = new JsonArray(type.GetValue<string>(), "null");
            // The document allows a version to be one of any string and "hidden", but "hidden" is both.
            if (members["oneOf"] is { } either && members.Remove("oneOf"))
                members["anyOf"] = either;
            members.Remove("example");
            foreach (var (_, member) in members.ToArray())
                Translate(member);
        }
    }
}
