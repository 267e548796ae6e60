using System.Text.RegularExpressions;
using GenApi.Core.Errors;
using GenApi.Hosting.Problems;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Documentation;

/// <summary>Holds docs/api.md and requests/genapi.http against the routes and codes that there are.</summary>
public sealed partial class ApiPageTests
{
    [Fact]
    public async Task Every_route_stands_on_the_page_and_in_the_request_file()
    {
        await using var app = await GenApiApp.StartAsync();
        var page = new MarkdownPage("docs/api.md").Text;
        var requests = RequestFile.Read("requests/genapi.http");
        var routes = Routes(app).ToList();
        var missing = new List<string>();
        foreach (var (method, path) in routes)
        {
            if (!page.Contains($"`{method} {path}`", StringComparison.Ordinal))
                missing.Add($"docs/api.md does not have `{method} {path}`: add it to the table at the top, and a section that tells what it takes and answers.");
            if (!requests.Any(request => request.Method == method && IsOf(path, request.Url)))
                missing.Add($"requests/genapi.http has no {method} {path}: add a request that can be sent as it is, with a line '# Answer: <status> <type>'.");
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing));
        Assert.Contains(("POST", "/generate"), routes);
        Assert.Contains(("GET", "/health/ready"), routes);
    }

    [Fact]
    public void The_page_has_no_route_that_the_document_lacks()
    {
        var document = System.Text.Json.JsonElement.Parse(File.ReadAllText(Repository.PathOf("docs/openapi.json")));
        var known = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();

        var unknown = RouteOnPage().Matches(new MarkdownPage("docs/api.md").Text).Select(match => match.Groups[1].Value)
            .Where(path => !known.Contains(path) && !path.StartsWith("/health/", StringComparison.Ordinal) && path is not ("/" or "/openapi/v1.json" or "/swagger"));

        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_problem_code_stands_in_the_table_with_its_status()
    {
        var page = new MarkdownPage("docs/api.md").Text;

        var missing = Enum.GetValues<ErrorKind>()
            .Select(kind => $"| {ProblemTable.StatusOf(kind)} | `{ErrorCodes.Of(kind)}` |")
            .Where(row => !page.Contains(row, StringComparison.Ordinal))
            .Select(row => $"docs/api.md, section Problems: add a row that begins with {row}").ToList();

        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    /// <summary>Every endpoint but those that say they are not for callers (ExcludeFromDescription). One without methods, such as a health check, is got.</summary>
    private static IEnumerable<(string Method, string Path)> Routes(GenApiApp app)
    {
        foreach (var endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription == true && !IsDocument(endpoint))
                continue;
            var path = Constraint().Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), "}");
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                yield return (method, path);
        }
    }

    private static bool IsDocument(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.StartsWith("/openapi/", StringComparison.Ordinal);

    private static bool IsOf(string route, string url)
    {
        var path = url.Replace("{{host}}", "", StringComparison.Ordinal).Split('?')[0];
        return Regex.IsMatch(path, "^" + string.Join('/', route.Split('/').Select(part => part.StartsWith("{*", StringComparison.Ordinal) ? ".+" : part.StartsWith('{') ? "[^/]+" : Regex.Escape(part))) + "$");
    }

    [GeneratedRegex(@":[^}]*\}")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"`(?:GET|HEAD|POST|PUT|PATCH|DELETE) (/[^`?\s]*)`")]
    private static partial Regex RouteOnPage();
}
