using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Models.Schemas;

namespace GenApi.Tests.Models;

/// <summary>
/// Input schemas with the shapes of 75 real models, as the OpenAPI documents that the upstream sends. The folder <c>Models/Schemas</c>
/// holds the facts: names, types, choices, ranges, defaults and order. Prompts and descriptions in them are our own.
/// </summary>
internal static class KnownSchemas
{
    private const string As2022 = "2022:";

    private static readonly IReadOnlyDictionary<string, JsonObject> Facts = Read();

    /// <summary>By <c>owner/name</c>; those of models as they were in 2022 begin with <c>2022:</c>.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Documents { get; } =
        Facts.ToDictionary(model => model.Key, model => Document(model.Value, model.Key.StartsWith(As2022, StringComparison.Ordinal)));

    /// <summary>The id of the version each schema belongs to, where it is known.</summary>
    public static IReadOnlyDictionary<string, string> Versions { get; } = Facts
        .Where(model => model.Value["version"] is not null)
        .ToDictionary(model => model.Key, model => model.Value["version"]!.GetValue<string>());

    public static InputSchema Of(string model) => InputSchema.Parse(Documents[model]);

    /// <param name="facts">The members <c>input</c> and <c>required</c> of one model, choices written where they are used.</param>
    /// <param name="described">Adds the titles and descriptions that whole documents have.</param>
    public static JsonElement Document(JsonObject facts, bool described)
    {
        var schemas = new JsonObject();
        var properties = new JsonObject();
        foreach (var (name, property) in facts["input"]!.AsObject())
        {
            var own = property!.DeepClone().AsObject();
            own.Remove("enum_ref");
            if (!own.Remove("inline") && own["enum"] is { } choices)
            {
                // As real documents have it: the list of values stands apart.
                schemas[name] = new JsonObject { ["type"] = own["type"]!.DeepClone(), ["enum"] = choices.DeepClone() };
                own.Remove("type");
                own.Remove("enum");
                own["allOf"] = new JsonArray(new JsonObject { ["$ref"] = $"#/components/schemas/{name}" });
            }
            if (described)
            {
                own["title"] = name;
                own["description"] = $"The {name.Replace('_', ' ')} of the run";
            }
            properties[name] = own;
        }
        schemas["Input"] = new JsonObject
        {
            ["type"] = "object",
            ["required"] = facts["required"]?.DeepClone() ?? new JsonArray(),
            ["properties"] = properties,
        };
        var document = new JsonObject { ["components"] = new JsonObject { ["schemas"] = schemas } };
        return JsonElement.Parse(document.ToJsonString());
    }

    private static Dictionary<string, JsonObject> Read()
    {
        var all = new Dictionary<string, JsonObject>();
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("tests/GenApi.Tests/Models/Schemas"), "*.json").Order())
        {
            var prefix = Path.GetFileName(file).StartsWith("of-2022-", StringComparison.Ordinal) ? As2022 : "";
            foreach (var (model, facts) in JsonNode.Parse(File.ReadAllBytes(file))!.AsObject())
                all.Add(prefix + model, facts!.AsObject());
        }
        return all;
    }
}
