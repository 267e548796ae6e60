using System.Text.Json;
using GenApi.Sandbox.Models;

namespace GenApi.Sandbox.Predictions;

/// <summary>A checked input with the schema's defaults filled in.</summary>
internal readonly struct InputValues(ModelDefinition model, JsonElement input)
{
    public ModelDefinition Model => model;

    public string? Text(string name) =>
        input.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : model.Find(name) is { Type: "string", Default: { } fallback } ? fallback.GetValue<string>() : null;

    public long? Long(string name)
    {
        if (input.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number)
            return value.TryGetInt64(out var exact) ? exact : (long)value.GetDouble();
        return model.Find(name) is { Type: "integer", Default: { } fallback } ? fallback.GetValue<int>() : null;
    }

    public double? Double(string name) =>
        input.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : model.Find(name) is { Type: "number", Default: { } fallback } ? fallback.GetValue<double>() : null;

    public int? Integer(string name) => Long(name) is { } value ? (int)Math.Clamp(value, int.MinValue, int.MaxValue) : null;
}
