using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Hosting.Problems;
using Microsoft.OpenApi;

namespace GenApi.Hosting.OpenApi;

/// <summary>Problem documents as the API document shows them.</summary>
internal static class ApiProblems
{
    /// <param name="document">Gets the schema, if it has none yet.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="kind">What the example tells; null: what HTTP itself prescribes for the status.</param>
    /// <param name="description">Of the answer.</param>
    /// <param name="headers">Besides those of every answer.</param>
    public static OpenApiResponse Of(
        OpenApiDocument document, int status, ErrorKind? kind, string description, params (string Name, string Description)[] headers)
    {
        var (code, title) = kind is { } known ? (ErrorCodes.Of(known), ProblemTable.TitleOf(known)) : ProblemTable.Bare(status);
        return new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Problem.ContentType] = new()
                {
                    Schema = new ApiSchemas(document).Of(typeof(Problem)),
                    Example = Example(status, code, title),
                },
            },
            Headers = Headers(headers),
        };
    }

    /// <summary>
    /// Returns a reference to a response that many operations give in the same words. The response is a component of the document.
    /// </summary>
    public static IOpenApiResponse Shared(OpenApiDocument document, string name, Func<OpenApiResponse> make)
    {
        if (document.Components?.Responses?.ContainsKey(name) != true)
            document.AddComponent(name, make());
        return new OpenApiResponseReference(name, document);
    }

    public static Dictionary<string, IOpenApiHeader>? Headers((string Name, string Description)[] headers) =>
        headers.Length == 0 ? null : headers.ToDictionary(each => each.Name, IOpenApiHeader (each) => new OpenApiHeader
        {
            Description = each.Description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    // The members that every problem has: an example with all of them would show what belongs to other problems, and fill the page.
    private static JsonObject Example(int status, string code, string title) => new()
    {
        ["type"] = $"urn:genapi:problem:{code}",
        ["title"] = title,
        ["status"] = status,
        ["detail"] = "What happened this time, in a sentence.",
        ["code"] = code,
        ["trace_id"] = "0af7651916cd43dd8448eb211c80319c",
    };
}
