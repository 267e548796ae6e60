using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Generations;

namespace GenApi.Tests.Hosting;

public sealed class OpenApiTests(BadInputTests.SharedApp shared) : IClassFixture<BadInputTests.SharedApp>
{
    private const string Rewrite = "GENAPI_REWRITE_OPENAPI";

    private GenApiApp App => shared.App;

    [Fact]
    public async Task The_committed_document_is_what_the_code_says()
    {
        var path = Repository.PathOf("docs/openapi.json");
        var served = (await App.GetAsync("/openapi/v1.json")).Text.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
            await File.WriteAllTextAsync(path, served, TestContext.Current.CancellationToken);

        var committed = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

        Assert.True(committed == served,
            $"docs/openapi.json is not what the code says. If the change is meant: {Rewrite}=1 dotnet run --project tests/GenApi.Tests -- -class GenApi.Tests.Hosting.OpenApiTests");
    }

    [Fact]
    public async Task The_document_is_made_once_and_not_sent_to_whoever_has_it()
    {
        var tag = (await App.GetAsync("/openapi/v1.json")).Header("ETag")!;

        Assert.Equal(304, (await App.GetAsync("/openapi/v1.json", ("If-None-Match", tag))).Status);
    }

    [Fact]
    public async Task The_documented_body_has_the_members_that_the_reader_takes()
    {
        var document = (await App.GetAsync("/openapi/v1.json")).Json;

        var documented = document.GetProperty("components").GetProperty("schemas").GetProperty("GenerateRequest").GetProperty("properties").EnumerateObject().Select(each => each.Name);

        Assert.Equal(GenerateRequestReader.Members.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_example_of_a_body_runs_as_it_is()
    {
        var body = (await App.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").GetProperty("/generate").GetProperty("post").GetProperty("requestBody");
        var examples = body.GetProperty("content").GetProperty("application/json").GetProperty("examples").EnumerateObject().ToList();

        Assert.Superset(new HashSet<string> { "sd", "sdxl", "flux" }, examples.Select(each => each.Name).ToHashSet());
        foreach (var example in examples)
            Assert.Equal(200, (await App.GenerateAsync(example.Value.GetProperty("value").GetRawText())).Status);
    }

    [Fact]
    public async Task The_example_of_a_generation_has_the_members_that_there_are()
    {
        var schemas = (await App.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas");

        var generation = schemas.GetProperty("Generation");
        var example = generation.GetProperty("examples")[0];
        AssertMembers(generation, example);
        foreach (var part in (string[])["progress", "timing", "urls"])
            AssertMembers(generation.GetProperty("properties").GetProperty(part), example.GetProperty(part));
        AssertMembers(generation.GetProperty("properties").GetProperty("images").GetProperty("items"), example.GetProperty("images")[0]);

        static void AssertMembers(JsonElement schema, JsonElement example) =>
            Assert.Equal(schema.GetProperty("properties").EnumerateObject().Select(each => each.Name), example.EnumerateObject().Select(each => each.Name));
    }

    [Fact]
    public async Task Every_operation_has_a_summary_and_tells_its_problems_and_every_reference_leads_somewhere()
    {
        var document = (await App.GetAsync("/openapi/v1.json")).Json;
        var schemas = document.GetProperty("components").GetProperty("schemas");

        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(each => each.Value.ValueKind == JsonValueKind.Object))
            {
                var where = $"{operation.Name} {path.Name}";
                Assert.True(operation.Value.TryGetProperty("summary", out _), where);
                Assert.Contains(operation.Value.GetProperty("responses").EnumerateObject(), answer => answer.Name[0] is '4' or '5');
            }
        }
        foreach (var reference in References(JsonNode.Parse(document.GetRawText())!))
            Assert.True(schemas.TryGetProperty(reference.Split('/')[^1], out _), reference);
    }

    [Fact]
    public async Task Swagger_UI_is_served_over_the_document()
    {
        var page = await App.GetAsync("/swagger/index.html");
        var script = await App.GetAsync("/swagger/index.js");
        var folder = await App.GetAsync("/swagger");
        var missing = await App.GetAsync("/swagger/nothing.js");

        Assert.Equal(200, page.Status);
        Assert.StartsWith("text/html", page.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Contains("/openapi/v1.json", page.Text + script.Text, StringComparison.Ordinal);
        Assert.Equal((301, "swagger/index.html"), (folder.Status, folder.Header("Location")));
        Assert.Equal((404, "not_found"), (missing.Status, missing.Code));
    }

    private static IEnumerable<string> References(JsonNode node) => node switch
    {
        JsonObject members => members.SelectMany(each => each.Key == "$ref" ? [each.Value!.GetValue<string>()] : each.Value is null ? [] : References(each.Value)),
        JsonArray items => items.SelectMany(each => each is null ? [] : References(each)),
        _ => [],
    };
}
