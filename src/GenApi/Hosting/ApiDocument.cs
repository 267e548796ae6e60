using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace GenApi.Hosting;

/// <summary>What is true of every operation of the API document, once all of them have been described.</summary>
internal static class ApiDocument
{
    private static readonly HttpMethod[] Methods = [HttpMethod.Get, HttpMethod.Head, HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete];

    /// <summary>Tags, paths, methods and statuses in an order to read; what a path answers to other methods; and nothing that HEAD could not send.</summary>
    public static Task ArrangeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Tags = new HashSet<OpenApiTag>(ApiTags.InOrder.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }));
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
        path.Operations!.Values.SelectMany(operation => operation.Tags!).Min(tag => ApiTags.InOrder.Select(each => each.Name).ToList().IndexOf(tag.Name!));

    private static void Complete(OpenApiDocument document, HttpMethod method, OpenApiOperation operation)
    {
        var responses = operation.Responses ??= [];
        responses[StatusCodes.Status405MethodNotAllowed.ToString(CultureInfo.InvariantCulture)] = ApiProblems.Shared(document, "MethodNotAllowed", () => ApiProblems.Of(
            document, StatusCodes.Status405MethodNotAllowed, null, "Problem: `method_not_allowed`: to every method that this path does not list", ("Allow", "The methods that it takes.")));
        var sorted = responses.OrderBy(response => response.Key, StringComparer.Ordinal).ToList();
        responses.Clear();
        foreach (var (status, response) in sorted)
        {
            responses[status] = method != HttpMethod.Head
                ? response
                : new OpenApiResponse { Description = response.Description, Headers = response.Headers is { Count: > 0 } headers ? new Dictionary<string, IOpenApiHeader>(headers) : null };
        }
    }
}
