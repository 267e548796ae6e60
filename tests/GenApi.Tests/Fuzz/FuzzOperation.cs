using System.Text.Json;

namespace GenApi.Tests.Fuzz;

/// <summary>A route and method of the service, with its description.</summary>
/// <param name="Method">The method, in capitals.</param>
/// <param name="Path">The path, with parameters in braces.</param>
/// <param name="Queries">Names of the parameters.</param>
/// <param name="Examples">Documented bodies.</param>
/// <param name="TakesFile">The body is an image, or a form with one.</param>
/// <param name="IsDescribed">The route is in the document.</param>
internal sealed record FuzzOperation(
    string Method, string Path, IReadOnlyList<string> Queries, IReadOnlyList<JsonElement> Examples, bool TakesFile, bool IsDescribed)
{
    /// <summary>Routes that the document leaves out.</summary>
    private static readonly string[] Undocumented = ["/", "/openapi/v1.json", "/swagger", "/swagger/index.html"];

    public static IReadOnlyList<FuzzOperation> Of(JsonElement document)
    {
        var operations = new List<FuzzOperation>();
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
                operations.Add(Of(path.Name, operation.Name.ToUpperInvariant(), operation.Value));
        }
        operations.AddRange(Undocumented.Select(path => new FuzzOperation("GET", path, [], [], false, false)));
        return operations;
    }

    private static FuzzOperation Of(string path, string method, JsonElement operation)
    {
        var parameters = operation.TryGetProperty("parameters", out var given) ? given.EnumerateArray().ToList() : [];
        var content = operation.TryGetProperty("requestBody", out var body) ? body.GetProperty("content") : default;
        var json = content.ValueKind == JsonValueKind.Object && content.TryGetProperty("application/json", out var described)
            ? described
            : default;
        return new FuzzOperation(
            method, path,
            [
                .. parameters.Where(each => each.GetProperty("in").GetString() == "query")
                    .Select(each => each.GetProperty("name").GetString()!),
            ],
            json.ValueKind == JsonValueKind.Object
                ? [.. json.GetProperty("examples").EnumerateObject().Select(each => each.Value.GetProperty("value"))]
                : [],
            content.ValueKind == JsonValueKind.Object && content.TryGetProperty("multipart/form-data", out _),
            true);
    }
}
