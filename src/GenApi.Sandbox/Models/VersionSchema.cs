using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace GenApi.Sandbox.Models;

/// <summary>
/// The <c>openapi_schema</c> of a version in the shape cog writes it: choices behind <c>allOf</c> and <c>$ref</c>, default and description
/// beside the reference, <c>x-order</c> for display, members in no useful order.
/// </summary>
internal static class VersionSchema
{
    private static readonly ConditionalWeakTable<ModelDefinition, string> Cache = [];

    /// <returns>The document as JSON text; the same for every version of a model.</returns>
    public static string Of(ModelDefinition model) => Cache.GetValue(model, static each => Build(each).ToJsonString());

    private static JsonObject Build(ModelDefinition model)
    {
        var schemas = new JsonObject { ["Input"] = Input(model) };
        foreach (var property in model.Inputs.Where(p => p.Choices is not null))
        {
            schemas[property.Name] = new JsonObject
            {
                ["enum"] = new JsonArray([.. property.Choices!.Select(c => c.DeepClone())]),
                ["type"] = property.Type,
                ["title"] = property.Name,
                ["description"] = "An enumeration.",
            };
        }
        schemas["Output"] = model.OutputTemplate is null || model.Output == OutputShape.Text
            ? Output(model.Output)
            : new JsonObject { ["title"] = "Output" };
        schemas["Status"] = Enumeration("Status", "starting", "processing", "succeeded", "canceled", "failed");
        schemas["WebhookEvent"] = Enumeration("WebhookEvent", "start", "output", "logs", "completed");
        schemas["PredictionRequest"] = Object("PredictionRequest", ("input", Reference("Input")), ("webhook", Text("uri")));
        schemas["PredictionResponse"] = Object(
            "PredictionResponse",
            ("input", Reference("Input")),
            ("output", Reference("Output")),
            ("status", Reference("Status")),
            ("logs", Text(null)),
            ("error", Text(null)));
        return new JsonObject
        {
            ["info"] = new JsonObject { ["title"] = "Cog", ["version"] = "0.1.0" },
            ["paths"] = new JsonObject { ["/predictions"] = new JsonObject { ["post"] = Operation() } },
            ["openapi"] = "3.0.2",
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject Input(ModelDefinition model)
    {
        var properties = new JsonObject();
        for (var order = 0; order < model.Inputs.Count; order++)
            properties[model.Inputs[order].Name] = Property(model.Inputs[order], order);
        var input = new JsonObject { ["type"] = "object", ["title"] = "Input" };
        var required = model.Inputs.Where(p => p.Required).Select(p => (JsonNode)p.Name).ToArray();
        if (required.Length > 0)
            input["required"] = new JsonArray(required);
        input["properties"] = properties;
        return input;
    }

    private static JsonObject Property(InputProperty property, int order)
    {
        var schema = new JsonObject();
        if (property.Choices is not null)
        {
            schema["allOf"] = new JsonArray(Reference(property.Name));
        }
        else
        {
            schema["type"] = property.Type;
            schema["title"] = string.Join(' ', property.Name.Split('_').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        }
        if (property.Type == "array")
            schema["items"] = Text(property.Format);
        else if (property.Format is not null)
            schema["format"] = property.Format;
        if (property.Default is not null)
            schema["default"] = property.Default.DeepClone();
        if (property.Minimum is { } minimum)
            schema["minimum"] = minimum;
        if (property.Maximum is { } maximum)
            schema["maximum"] = maximum;
        schema["x-order"] = order;
        schema["description"] = property.Description;
        return schema;
    }

    private static JsonObject Output(OutputShape shape) => shape switch
    {
        OutputShape.Text => new JsonObject { ["type"] = "string", ["title"] = "Output" },
        OutputShape.SingleFile => new JsonObject { ["type"] = "string", ["title"] = "Output", ["format"] = "uri" },
        _ => new JsonObject { ["type"] = "array", ["items"] = Text("uri"), ["title"] = "Output" },
    };

    private static JsonObject Enumeration(string title, params string[] values) => new()
    {
        ["enum"] = new JsonArray([.. values.Select(v => (JsonNode)v)]),
        ["type"] = "string",
        ["title"] = title,
        ["description"] = "An enumeration.",
    };

    private static JsonObject Object(string title, params (string Name, JsonObject Schema)[] properties) => new()
    {
        ["type"] = "object",
        ["title"] = title,
        ["properties"] = new JsonObject(properties.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.Schema))),
    };

    private static JsonObject Text(string? format) =>
        format is null ? new JsonObject { ["type"] = "string" } : new JsonObject { ["type"] = "string", ["format"] = format };

    private static JsonObject Reference(string schema) => new() { ["$ref"] = $"#/components/schemas/{schema}" };

    private static JsonObject Operation() => new()
    {
        ["summary"] = "Predict",
        ["operationId"] = "predict_predictions_post",
        ["requestBody"] = new JsonObject
        {
            ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = Reference("PredictionRequest") } },
        },
        ["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = Reference("PredictionResponse") } },
                ["description"] = "Successful Response",
            },
        },
    };
}
