using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;

namespace GenApi.Sandbox.Predictions;

/// <summary>The finished runs that models show as their <c>default_example</c>. Their files stay, unlike those of other runs.</summary>
internal sealed class ModelExamples
{
    private readonly Dictionary<string, Example> _examples;

    public ModelExamples(SandboxOptions options, InputPictures inputs, OutputFiles files)
    {
        _examples = Catalogue.Models.ToDictionary(model => model.FullName, Example.Of);
        foreach (var model in Catalogue.Models)
        {
            var example = _examples[model.FullName];
            using var input = JsonDocument.Parse(example.Input);
            if (RunPlan.Of(model, input.RootElement, inputs, [], options).Pictures is [var picture, ..])
                files.Add(example.Id, picture);
        }
    }

    /// <summary>Writes the members of a prediction that an example has, in Replicate's shape; null for a model without one.</summary>
    public void Write(Utf8JsonWriter json, ModelDefinition model, string baseUrl)
    {
        if (!_examples.TryGetValue(model.FullName, out var example))
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteString("id", example.Id);
        json.WriteString("model", model.FullName);
        json.WriteString("version", model.ShownVersion(model.Versions[0].Id));
        json.WritePropertyName("input");
        json.WriteRawValue(example.Input);
        json.WritePropertyName("output");
        WriteOutput(json, model, example, $"{baseUrl}/files/{example.Id}/out-0");
        json.WriteString("logs", "");
        json.WriteBoolean("data_removed", false);
        json.WriteNull("error");
        json.WriteString("source", "web");
        json.WriteString("status", "succeeded");
        json.WriteString("created_at", model.CreatedAt);
        json.WriteString("started_at", model.CreatedAt);
        json.WriteString("completed_at", model.CreatedAt);
        json.WriteStartObject("urls");
        json.WriteString("get", $"{baseUrl}/v1/predictions/{example.Id}");
        json.WriteString("cancel", $"{baseUrl}/v1/predictions/{example.Id}/cancel");
        json.WriteString("web", $"{baseUrl}/p/{example.Id}");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter json, ModelDefinition model, Example example, string file)
    {
        if (model.Output == OutputShape.Text)
        {
            var sentence = JsonSerializer.Deserialize<string>(model.OutputTemplate!)!;
            json.WriteStringValue(TextModels.Fill(sentence, JsonNode.Parse(example.Input)));
            return;
        }
        var address = $"{file}.{(model.Find("output_format")?.Default is { } format ? format.GetValue<string>() : "png")}";
        if (model.OutputTemplate is { } template && !template.Contains("$png", StringComparison.Ordinal))
        {
            json.WriteNullValue();
            return;
        }
        if (model.Output == OutputShape.SingleFile)
        {
            json.WriteStringValue(address);
            return;
        }
        json.WriteStartArray();
        json.WriteStringValue(address);
        json.WriteEndArray();
    }

    public bool Has(ModelDefinition model) => _examples.ContainsKey(model.FullName);

    private sealed record Example(string Id, string Input)
    {
        /// <summary>Makes the example, the same in every sandbox. Members that the model does not have are left out of its input.</summary>
        public static Example Of(ModelDefinition model)
        {
            var input = JsonNode.Parse(model.ExampleInput)!.AsObject();
            foreach (var name in input.Select(member => member.Key).Where(name => model.Find(name) is null).ToArray())
                input.Remove(name);
            return new Example(
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"example of {model.FullName}")))[..26],
                input.ToJsonString());
        }
    }
}
