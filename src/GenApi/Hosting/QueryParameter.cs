using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace GenApi.Hosting;

/// <summary>
/// A parameter of a query, declared next to the code that reads it: readers refuse names that are not declared, and the API document shows
/// the rest.
/// </summary>
/// <param name="Name">As callers write it.</param>
/// <param name="Type">Of its value.</param>
/// <param name="Description">For callers.</param>
internal sealed record QueryParameter(string Name, JsonSchemaType Type, string Description)
{
    /// <summary>All values that are allowed; null: others too.</summary>
    public WordsAttribute? Words { get; init; }

    /// <summary>Of the type, such as <c>int64</c>.</summary>
    public string? Format { get; init; }

    public JsonNode? Example { get; init; }

    /// <summary>A parameter that is one of some words.</summary>
    public static QueryParameter Of(string name, WordsAttribute words, string description) =>
        new(name, JsonSchemaType.String, description) { Words = words };

    public static QueryParameter Text(string name, string description, string? example = null) =>
        new(name, JsonSchemaType.String, description) { Example = example };
}
