using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Models.Schemas;

namespace GenApi.Tests.Models;

/// <summary>Schemas of real models: the compact ones of a snapshot, made into OpenAPI documents again, and whole ones out of a recording.</summary>
internal static class KnownSchemas
{
    private static readonly Lazy<IReadOnlyDictionary<string, JsonElement>> All = new(() => Snapshot().Concat(Recording()).ToDictionary());

    /// <summary>By <c>owner/name</c>; those of the recording begin with <c>recorded:</c>.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Documents
    {
        get
        {
            if (Folder is null)
                Assert.Skip("shared/replicate with the schemas of real models is not at hand.");
            return All.Value;
        }
    }

    public static InputSchema Of(string model) => InputSchema.Parse(Documents[model]);

    private static string? Folder { get; } = Find();

    private static IEnumerable<KeyValuePair<string, JsonElement>> Snapshot()
    {
        var models = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Folder!, "model-schemas.json")))!["models"]!.AsObject();
        foreach (var (model, entry) in models)
        {
            var schemas = new JsonObject();
            var properties = new JsonObject();
            foreach (var (name, property) in entry!["input"]!.AsObject())
            {
                var own = property!.DeepClone().AsObject();
                if (own.Remove("enum_ref"))
                {
                    // As real documents have it: the list of values stands apart.
                    schemas[name] = new JsonObject { ["type"] = own["type"]!.DeepClone(), ["enum"] = own["enum"]!.DeepClone() };
                    own.Remove("type");
                    own.Remove("enum");
                    own["allOf"] = new JsonArray(new JsonObject { ["$ref"] = $"#/components/schemas/{name}" });
                }
                properties[name] = own;
            }
            schemas["Input"] = new JsonObject { ["type"] = "object", ["required"] = entry["required"]?.DeepClone(), ["properties"] = properties };
            var document = new JsonObject { ["components"] = new JsonObject { ["schemas"] = schemas } };
            yield return KeyValuePair.Create(model, JsonElement.Parse(document.ToJsonString()));
        }
    }

    private static IEnumerable<KeyValuePair<string, JsonElement>> Recording()
    {
        var recorded = JsonElement.Parse(File.ReadAllText(Path.Combine(Folder!, "recordings", "collection-text-to-image.json")));
        var body = JsonElement.Parse(recorded[0].GetProperty("response").GetProperty("body").GetString()!);
        foreach (var model in body.GetProperty("models").EnumerateArray())
        {
            if (model.GetProperty("latest_version") is { ValueKind: JsonValueKind.Object } version)
                yield return KeyValuePair.Create($"recorded:{model.GetProperty("owner")}/{model.GetProperty("name")}", version.GetProperty("openapi_schema"));
        }
    }

    private static string? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "shared", "replicate");
            if (Directory.Exists(folder))
                return folder;
        }
        return null;
    }
}
