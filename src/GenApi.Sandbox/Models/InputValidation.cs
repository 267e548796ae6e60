using System.Globalization;
using System.Text.Json;

namespace GenApi.Sandbox.Models;

/// <summary>One entry of Replicate's <c>invalid_fields</c>.</summary>
internal sealed record InvalidField(string Type, string Field, string Description);

/// <summary>
/// Checks an input as Replicate does before it queues anything. Types and sentences are those of its validator. Unknown inputs pass,
/// because the models' schemas do not forbid them.
/// </summary>
internal static class InputValidation
{
    public static List<InvalidField> Check(ModelDefinition model, JsonElement input)
    {
        var problems = new List<InvalidField>();
        foreach (var property in model.Inputs)
        {
            if (input.TryGetProperty(property.Name, out var value))
                CheckValue(property, value, problems);
            else if (property.Required)
                problems.Add(new("required", "input", $"{property.Name} is required"));
        }
        return problems;
    }

    private static void CheckValue(InputProperty property, JsonElement value, List<InvalidField> problems)
    {
        var field = $"input.{property.Name}";
        var given = TypeOf(value);
        if (given != property.Type && !(given == "integer" && property.Type == "number"))
        {
            problems.Add(new("invalid_type", field, $"Invalid type. Expected: {property.Type}, given: {given}"));
            return;
        }
        if (property.Choices is { } choices)
        {
            // Both sides are a string or an integer of the type just checked, so their JSON texts compare.
            if (!choices.Any(c => given == "string" ? c.GetValue<string>() == value.GetString() : c.GetValue<int>() == value.GetDouble()))
            {
                var allowed = string.Join(", ", choices.Select(c => c.ToJsonString()));
                problems.Add(new("enum", field, $"{property.Name} must be one of the following: {allowed}"));
            }
            return;
        }
        if (property.Minimum is { } minimum && value.GetDouble() < minimum)
            problems.Add(
                new("number_gte", field, string.Create(CultureInfo.InvariantCulture, $"Must be greater than or equal to {minimum}")));
        if (property.Maximum is { } maximum && value.GetDouble() > maximum)
            problems.Add(new("number_lte", field, string.Create(CultureInfo.InvariantCulture, $"Must be less than or equal to {maximum}")));
    }

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.GetDouble() == Math.Floor(value.GetDouble()) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };
}
