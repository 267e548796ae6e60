using GenApi.Hosting.Problems;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace GenApi.Hosting.OpenApi;

/// <summary>Completes the API document with what holds for every operation, once all of them have been described.</summary>
internal static class ApiDocument
{
    private static readonly HttpMethod[] Methods =
        [HttpMethod.Get, HttpMethod.Head, HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete];

    private static readonly List<string> Tags = [.. ApiTags.InOrder.Select(tag => tag.Name)];

    /// <summary>
    /// Puts tags, paths, methods and statuses in an order to read, adds what a path answers to other methods, and takes away the bodies
    /// that HEAD has not.
    /// </summary>
    public static Task ArrangeAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var tags = ApiTags.InOrder.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description });
        document.Tags = new HashSet<OpenApiTag>(tags);
        var paths = new OpenApiPaths();
        foreach (var (path, item) in document.Paths.OrderBy(each => RankOf(each.Value)).ThenBy(each => each.Key, StringComparer.Ordinal))
        {
            ((OpenApiPathItem)item).Operations = item.Operations!.OrderBy(each => Array.IndexOf(Methods, each.Key)).ToDictionary();
            foreach (var (method, operation) in item.Operations!)
                Complete(document, method, operation);
            paths.Add(path, item);
        }
        document.Paths = paths;
        return Task.CompletedTask;
    }

    private static int RankOf(IOpenApiPathItem path) =>
        path.Operations!.Values.SelectMany(operation => operation.Tags!).Min(tag => Tags.IndexOf(tag.Name!));

    private static void Complete(OpenApiDocument document, HttpMethod method, OpenApiOperation operation)
    {
        var responses = operation.Responses ??= [];
        responses["405"] = ApiProblems.Shared(document, "MethodNotAllowed", () => ApiProblems.Of(
            document, StatusCodes.Status405MethodNotAllowed, null,
            $"Problem: `{ProblemTable.Bare(StatusCodes.Status405MethodNotAllowed).Code}`: the path does not take this method",
            ("Allow", "The methods that it takes.")));
        var sorted = responses.OrderBy(response => response.Key, StringComparer.Ordinal).ToList();
        responses.Clear();
        foreach (var (status, response) in sorted)
        {
            responses[status] = method == HttpMethod.Head ? WithoutBody(response) : response;
        }
    }

    private static OpenApiResponse WithoutBody(IOpenApiResponse response) => new()
    {
        Description = response.Description,
        Headers = response.Headers is { Count: > 0 } headers ? new Dictionary<string, IOpenApiHeader>(headers) : null,
    };
}
