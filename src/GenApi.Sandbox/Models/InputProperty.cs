using System.Text.Json.Nodes;

namespace GenApi.Sandbox.Models;

/// <summary>An input of a model, with what its schema and the check of a request need.</summary>
internal sealed record InputProperty(string Name, string Type, string Description)
{
    public JsonNode? Default { get; init; }
    public double? Minimum { get; init; }
    public double? Maximum { get; init; }
    public string? Format { get; init; }
    public bool Required { get; init; }

    /// <summary>Allowed values as JSON: strings or integers. The schema carries them behind a <c>$ref</c>, as cog writes them.</summary>
    public IReadOnlyList<JsonNode>? Choices { get; init; }

    public static InputProperty Text(string name, string description, string? fallback = null, bool required = false) =>
        new(name, "string", description) { Default = fallback, Required = required };

    public static InputProperty File(string name, string description) => new(name, "string", description) { Format = "uri" };

    public static InputProperty FileList(string name, string description) => new(name, "array", description) { Format = "uri" };

    public static InputProperty Integer(string name, string description, int? fallback = null, int? min = null, int? max = null) =>
        new(name, "integer", description) { Default = fallback, Minimum = min, Maximum = max };

    public static InputProperty Number(string name, string description, double? fallback = null, double? min = null, double? max = null) =>
        new(name, "number", description) { Default = fallback, Minimum = min, Maximum = max };

    public static InputProperty Flag(string name, string description, bool fallback) =>
        new(name, "boolean", description) { Default = fallback };

    /// <param name="name">The input's name.</param>
    /// <param name="description">One sentence for people.</param>
    /// <param name="choices">Values separated by blanks; the first is the default unless <paramref name="fallback"/> says
    /// otherwise.</param>
    /// <param name="fallback">The default.</param>
    public static InputProperty Choice(string name, string description, string choices, string? fallback = null) =>
        Choice(name, description, choices.Split(' '), fallback);

    public static InputProperty Choice(string name, string description, IReadOnlyList<string> choices, string? fallback = null) =>
        new(name, "string", description) { Choices = [.. choices.Select(c => (JsonNode)c)], Default = fallback ?? choices[0] };

    public static InputProperty Choice(string name, string description, IEnumerable<int> choices, int fallback) =>
        new(name, "integer", description) { Choices = [.. choices.Select(c => (JsonNode)c)], Default = fallback };
}
