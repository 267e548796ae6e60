using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Tests.Models;

namespace GenApi.Tests.Replicate;

/// <summary>One request and its answer.</summary>
/// <param name="Sent">The body of the request; empty if there was none.</param>
internal sealed record Recording(
    string Name, string Method, Uri Uri, string Sent, int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    private const string Folder = "tests/GenApi.Tests/Replicate/Recordings";

    public override string ToString() => Name;

    public Task<ScriptedServer> ReplayAsync() => ScriptedServer.StartAsync(
        Status,
        Body,
        Headers["content-type"],
        [.. Headers.Where(each => each.Key.StartsWith("ratelimit", StringComparison.Ordinal)).Select(each => (each.Key, each.Value))]);

    /// <summary>
    /// Returns our own recordings, which have the shapes of real answers, and real ones of 2023 and 2024 if they are available. Each source
    /// has nine predictions, 44 models and one refusal of each kind.
    /// </summary>
    public static IEnumerable<IReadOnlyList<Recording>> Sources()
    {
        yield return [.. Read("predictions.json").Concat(Read("others.json")).Append(Collection())];
        if (SharedFiles.Find("recordings") is { } folder)
            yield return [.. Directory.EnumerateFiles(folder, "*.json").Order().SelectMany(Real)];
    }

    private static IEnumerable<Recording> Read(string file)
    {
        foreach (var pair in JsonNode.Parse(File.ReadAllBytes(Path.Combine(Repository.PathOf(Folder), file)))!.AsArray())
        {
            var body = pair!["body"]!;
            if (body is JsonObject version)
                PutSchemaIn(version);
            if (body is JsonObject model && model["latest_version"] is JsonObject latest)
                PutSchemaIn(latest);
            yield return new Recording(
                pair["name"]!.GetValue<string>(),
                pair["method"]!.GetValue<string>(),
                new Uri("https://api.replicate.com" + pair["path"]!.GetValue<string>()),
                pair["sent"]?.ToJsonString() ?? "",
                pair["status"]!.GetValue<int>(),
                pair["headers"]!.AsObject().ToDictionary(header => header.Key, header => header.Value!.GetValue<string>()),
                body.ToJsonString());
        }
    }

    /// <summary>Inserts a schema: our files only name its model.</summary>
    private static void PutSchemaIn(JsonObject version)
    {
        if (version["openapi_schema"] is JsonValue model)
            version["openapi_schema"] = JsonNode.Parse(KnownSchemas.Documents[model.GetValue<string>()].GetRawText());
    }

    /// <summary>Builds the answer that lists a collection, with one line per model.</summary>
    private static Recording Collection()
    {
        var lines = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Repository.PathOf(Folder), "collection.json")))!.AsArray();
        var body = new JsonObject
        {
            ["name"] = "Text to image",
            ["slug"] = "text-to-image",
            ["description"] = "Models that paint what a prompt says",
            ["models"] = new JsonArray([.. lines.Select((line, number) => ListedModel(line!, number))]),
        };
        return new Recording(
            "collection", "GET", new Uri("https://api.replicate.com/v1/collections/text-to-image"), "", 200,
            new Dictionary<string, string> { ["content-type"] = "application/json" }, body.ToJsonString());
    }

    private static JsonObject ListedModel(JsonNode line, int number)
    {
        var model = line["model"]!.GetValue<string>();
        var id = $"{number:00}sqmb3bg4lqpjkz2iptjqgccm";
        var version = $"{number:00}{new string('a', 62)}";
        return new JsonObject
        {
            ["url"] = $"https://replicate.com/{model}",
            ["owner"] = model.Split('/')[0],
            ["name"] = model.Split('/')[1],
            ["description"] = null,
            ["visibility"] = "public",
            ["run_count"] = line["run_count"]!.DeepClone(),
            ["latest_version"] = new JsonObject
            {
                ["id"] = version,
                ["created_at"] = "2022-09-08T18:08:20.471321Z",
                ["cog_version"] = "0.3.9",
                ["openapi_schema"] = JsonNode.Parse(KnownSchemas.Documents[$"2022:{model}"].GetRawText()),
            },
            ["default_example"] = line["output"] is not { } output ? null : new JsonObject
            {
                ["id"] = id,
                ["model"] = model,
                ["version"] = version,
                ["status"] = "succeeded",
                ["input"] = new JsonObject { ["prompt"] = "a lighthouse above a quiet sea" },
                ["output"] = JsonNode.Parse(
                    output.ToJsonString().Replace("\"$\"", $"\"https://replicate.delivery/pbxt/{id}/out.png\"", StringComparison.Ordinal)),
                ["error"] = line["error"]?.DeepClone(),
                ["logs"] = line["logs"]?.DeepClone(),
                ["metrics"] = new JsonObject { ["predict_time"] = line["seconds"]!.DeepClone() },
                ["created_at"] = "2022-09-09T10:00:00.5Z",
                ["started_at"] = "2022-09-09T10:00:01.25Z",
                ["completed_at"] = "2022-09-09T10:00:03.123Z",
                ["urls"] = new JsonObject
                {
                    ["get"] = $"https://api.replicate.com/v1/predictions/{id}",
                    ["cancel"] = $"https://api.replicate.com/v1/predictions/{id}/cancel",
                },
            },
        };
    }

    private static IEnumerable<Recording> Real(string file) =>
        JsonSerializer.Deserialize<JsonElement[]>(File.ReadAllText(file))!.Select((entry, index) => new Recording(
            $"{Path.GetFileName(file)}[{index}]",
            entry.GetProperty("request").GetProperty("method").GetString()!,
            new Uri(entry.GetProperty("request").GetProperty("uri").GetString()!),
            entry.GetProperty("request").GetProperty("body").GetString() ?? "",
            entry.GetProperty("response").GetProperty("status").GetInt32(),
            entry.GetProperty("response").GetProperty("headers").EnumerateObject().ToDictionary(
                member => member.Name, member => member.Value.GetString()!),
            entry.GetProperty("response").GetProperty("body").GetString()!));
}
