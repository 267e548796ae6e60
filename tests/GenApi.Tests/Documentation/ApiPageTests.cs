using System.Globalization;
using System.Text.RegularExpressions;
using GenApi.Core.Errors;
using GenApi.Core.Uploads;
using GenApi.Core.Webhooks;
using GenApi.Generations;
using GenApi.Hosting.Problems;
using GenApi.Hosting.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Documentation;

/// <summary>Compares docs/api.md, the pages it lists and requests/genapi.http with the routes, codes and bounds of the code.</summary>
public sealed partial class ApiPageTests
{
    [Fact]
    public async Task Every_route_stands_on_the_page_and_in_the_request_file()
    {
        await using var app = await GenApiApp.StartAsync();
        var page = ApiPages.Text;
        var requests = RequestFile.Read("requests/genapi.http");
        var routes = Routes(app).ToList();
        var missing = new List<string>();
        foreach (var (method, path) in routes)
        {
            if (!page.Contains($"`{method} {path}`", StringComparison.Ordinal))
                missing.Add($"docs/api.md does not have `{method} {path}`: add it to the table at the top, and a section that tells "
                    + "what it takes and answers.");
            if (!requests.Any(request => request.Method == method && IsOf(path, request.Url)))
                missing.Add($"requests/genapi.http has no {method} {path}: add a request that can be sent as it is, with a line '# "
                    + "Answer: <status> <type>'.");
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

        var unknown = RouteOnPage().Matches(ApiPages.Text).Select(match => match.Groups[1].Value)
            .Where(path => !known.Contains(path) && !path.StartsWith("/health/", StringComparison.Ordinal)
                && path is not ("/" or "/app/{view}" or "/openapi/v1.json" or "/swagger"));

        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_problem_code_stands_in_the_table_with_its_status()
    {
        var page = new MarkdownPage("docs/api/problems.md").Text;

        var missing = Enum.GetValues<ErrorKind>()
            .Select(kind => $"| {ProblemTable.StatusOf(kind)} | `{ErrorCodes.Of(kind)}` |")
            .Where(row => !page.Contains(row, StringComparison.Ordinal))
            .Select(row => $"docs/api/problems.md: add a row that begins with {row}").ToList();

        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Fact]
    public void The_table_of_problems_has_no_code_that_there_is_not()
    {
        var rows = ProblemRow().Matches(new MarkdownPage("docs/api/problems.md").Text)
            .Select(row => (Status: int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture), Code: row.Groups[2].Value)).ToList();

        Assert.True(rows.Count > 25);
        Assert.All(rows, row => Assert.Equal(
            row.Status, ErrorCodes.Find(row.Code) is { } kind ? ProblemTable.StatusOf(kind) : BareStatusOf(row.Code)));
        Assert.Equal(rows.Count, rows.DistinctBy(row => row.Code).Count());

        static int? BareStatusOf(string code) =>
            new[] { StatusCodes.Status408RequestTimeout, StatusCodes.Status500InternalServerError }
                .FirstOrDefault(each => ProblemTable.Bare(each).Code == code);
    }

    [Fact]
    public void Bounds_and_words_on_the_pages_are_those_that_the_code_checks_by()
    {
        string[] rows =
        [
            Row($"| members of one object, items of one list | {BodyBounds.MostMembers:N0} |"),
            Row($"| values in total | {BodyBounds.MostValues:N0} |"),
            Row($"| a name | {ByteSize.Text(BodyBounds.LongestName)} |"),
            Row($"| a number, as written | {BodyBounds.LongestNumber:N0} characters |"),
            Row($"| all names and values without data URIs | {ByteSize.Text(BodyBounds.MostText)} |"),
            Row($"| escapes in data URIs (`\\/`, `\\u002b`) | {BodyBounds.MostEscapes:N0} |"),
            Row($"| nested objects and lists | {BodyBounds.MostDepth} |"),
            Row($"a JSON object of at most {ByteSize.Text(JsonBody.MostBytes)}"),
            Row($"exceeds {ByteSize.Text(JsonBody.MostBytes)}; for an upload {ByteSize.Text(UploadsOptions.MostBytes)};"),
            Row($"for an API key {ByteSize.Text(JsonBody.FewBytes)}."),
            Row($"The limit is {ByteSize.Text(UploadsOptions.MostBytes)}."),
            Row($"more than {PreferHeader.LongestWait.TotalSeconds} counts as {PreferHeader.LongestWait.TotalSeconds} |"),
            Row($"The key is 1 to {IdempotencyHeader.Longest} visible ASCII characters"),
            Row($"at most {WebhookTargets.LongestUrl:N0} characters"),
            .. CacheStatusHeader.Values.Select(each => $"| `{each.Value}` | {each.Meaning} |"),
            .. WebhookEventWords.All.Select(each => $"\n| `{each.Word()}` | "),
        ];

        Assert.All(rows, row => Assert.Contains(row, ApiPages.Text, StringComparison.Ordinal));

        static string Row(FormattableString row) => row.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Every endpoint but those that say they are not for callers (ExcludeFromDescription). One without methods, such as a health check, is
    /// got.
    /// </summary>
    private static IEnumerable<(string Method, string Path)> Routes(GenApiApp app)
    {
        foreach (var endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription == true && !IsDocument(endpoint))
                continue;
            var path = Constraint().Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), "}");
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                yield return (method, path);
        }
    }

    private static bool IsDocument(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText!.StartsWith("/openapi/", StringComparison.Ordinal);

    private static bool IsOf(string route, string url)
    {
        var path = url.Replace("{{host}}", "", StringComparison.Ordinal).Split('?')[0];
        var parts = route.Split('/').Select(
            part => part.StartsWith("{*", StringComparison.Ordinal) ? ".+" : part.StartsWith('{') ? "[^/]+" : Regex.Escape(part));
        return Regex.IsMatch(path, $"^{string.Join('/', parts)}$");
    }

    [GeneratedRegex(@"^\| (\d{3}) \| `([a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex ProblemRow();

    [GeneratedRegex(@":[^}]*\}")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"`(?:GET|HEAD|POST|PUT|PATCH|DELETE) (/[^`?\s]*)`")]
    private static partial Regex RouteOnPage();
}
