using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GenApi.Generations;

namespace GenApi.Tests.Hosting;

public sealed partial class OpenApiTests(BadInputTests.SharedApp shared) : IClassFixture<BadInputTests.SharedApp>
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
            $"docs/openapi.json differs from the code. If the change is intended: {Rewrite}=1 dotnet run --project tests/GenApi.Tests "
            + "-- -class GenApi.Tests.Hosting.OpenApiTests");
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

        var documented = document.GetProperty("components").GetProperty("schemas").GetProperty("GenerateRequest").GetProperty("properties")
            .EnumerateObject().Select(each => each.Name);

        Assert.Equal(GenerateRequestReader.Members.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// One request for each way to be wrong, with all members that can be wrong in this way: the answer must name them all.
    /// </summary>
    [Theory]
    [InlineData("GenerateRequest", "/generate", "type")]
    [InlineData("GenerateRequest", "/generate", "least")]
    [InlineData("GenerateRequest", "/generate", "most")]
    [InlineData("GenerateRequest", "/generate", "words")]
    [InlineData("KeyRequest", "/accounts/keys", "type")]
    [InlineData("KeyRequest", "/accounts/keys", "least")]
    [InlineData("KeyRequest", "/accounts/keys", "most")]
    public async Task Whatever_the_document_says_of_a_member_the_reader_checks(string body, string route, string rule)
    {
        var schemas = (await App.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas");
        var members = schemas.GetProperty(body).GetProperty("properties").EnumerateObject();
        var wrong = members.Select(member => (member.Name, Value: Wrong(member.Value))).Where(member => member.Value is not null).ToList();

        var answer = await App.PostAsync(
            route, new JsonObject(wrong.Select(member => KeyValuePair.Create(member.Name, member.Value))).ToJsonString());

        Assert.True(wrong.Count > 1);
        Assert.Equal((400, "invalid_request"), (answer.Status, answer.Code));
        Assert.Equal(
            wrong.Select(member => $"$.{member.Name}").Order(StringComparer.Ordinal),
            answer["errors"].EnumerateObject().Select(each => each.Name).Order(StringComparer.Ordinal));

        JsonNode? Wrong(JsonElement schema) => rule switch
        {
            "type" => true,
            "least" when schema.TryGetProperty("minLength", out _) => "",
            "least" when schema.TryGetProperty("minItems", out _) => new JsonArray(),
            "least" when schema.TryGetProperty("minimum", out var least) => least.GetInt64() - 1,
            "most" when schema.TryGetProperty("maxLength", out var longest) => "https://example.com/" + new string('a', longest.GetInt32()),
            "most" when schema.TryGetProperty("maximum", out var most) => most.GetInt64() + 1,
            "words" when IsEnumeration(schema) => "nonsense",
            "words" when schema.TryGetProperty("items", out var items) && IsEnumeration(items) => new JsonArray("nonsense"),
            _ => null,
        };

        bool IsEnumeration(JsonElement schema) => schema.TryGetProperty("oneOf", out var choices) ? IsEnumeration(choices[1])
            : schema.TryGetProperty("$ref", out var reference)
                && schemas.GetProperty(reference.GetString()!.Split('/')[^1]).TryGetProperty("enum", out _);
    }

    [Fact]
    public async Task Every_example_of_a_body_runs_as_it_is()
    {
        var body = (await App.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").GetProperty("/generate").GetProperty("post")
            .GetProperty("requestBody");
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
        foreach (var (component, part) in new[] { ("Progress", "progress"), ("Timing", "timing"), ("Urls", "urls") })
            AssertMembers(schemas.GetProperty(component), example.GetProperty(part));
        AssertMembers(schemas.GetProperty("Image"), example.GetProperty("images")[0]);

        // Only events have the revision.
        static void AssertMembers(JsonElement schema, JsonElement example) =>
            Assert.Equal(schema.GetProperty("properties").EnumerateObject().Select(each => each.Name).Where(name => name != "revision"),
                example.EnumerateObject().Select(each => each.Name));
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
        {
            var parts = reference.Split('/');
            Assert.True(document.GetProperty("components").GetProperty(parts[2]).TryGetProperty(parts[3], out _), reference);
        }
    }

    [Fact]
    public async Task Every_object_and_every_set_of_words_has_a_name()
    {
        var document = JsonNode.Parse((await App.GetAsync("/openapi/v1.json")).Text)!.AsObject();
        var schemas = document["components"]!["schemas"]!.AsObject();

        // The form of an upload is not JSON, and a derived contract has the members of its base.
        var inLine = Nodes(document).Where(node => node["properties"] is JsonObject || node["enum"] is JsonArray)
            .Select(node => node.GetPath())
            .Where(path => !IsNamed(path) && !path.Contains("multipart/form-data", StringComparison.Ordinal));

        Assert.Empty(inLine);
        Assert.Superset(
            new HashSet<string>
            {
                "Generation", "Image", "File", "Cost", "Timing", "Progress", "Error", "Urls", "Model", "Key", "Delivery", "AuditEntry",
                "Budget", "Upload", "WebhookEvent", "GenerationPage", "KeyPage", "DeliveryPage", "AuditEntryPage", "ModelVersionPage",
            },
            schemas.Select(each => each.Key).ToHashSet());
        var events = schemas["WebhookEvent"]!["enum"]!.AsArray().Select(each => each!.GetValue<string>());
        Assert.Equal(["start", "progress", "completed"], events);

        static bool IsNamed(string path) =>
            path.Split('.') is ["$", "components", "schemas", _] or ["$", "components", "schemas", _, "allOf[1]"];
    }

    [Fact]
    public async Task No_text_for_callers_names_a_class_of_ours()
    {
        var document = JsonNode.Parse((await App.GetAsync("/openapi/v1.json")).Text)!;
        // A name with a single word is fine.
        Assembly[] ours = [typeof(GenerateRequestReader).Assembly, typeof(GenApi.Core.Generations.Service.GenerationService).Assembly];
        var classes = ours.SelectMany(assembly => assembly.GetTypes()).Select(type => type.Name.Split('`')[0])
            .Where(name => name.Skip(1).Any(char.IsUpper) && name.All(char.IsAsciiLetter)).ToHashSet();

        var texts = Nodes(document).SelectMany(node => new[] { node["description"], node["summary"] })
            .OfType<JsonValue>().Select(text => text.GetValue<string>()).ToList();

        Assert.True(texts.Count > 200);
        Assert.All(texts, text => Assert.DoesNotContain(Words().Matches(text), word => classes.Contains(word.Value)));
    }

    [Fact]
    public async Task Groups_come_in_the_order_in_which_a_caller_needs_them_and_each_says_what_it_is_for()
    {
        var document = (await App.GetAsync("/openapi/v1.json")).Json;

        var tags = document.GetProperty("tags").EnumerateArray().Select(tag => tag.GetProperty("name").GetString()!).ToList();
        var used = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .Select(each => each.Value.GetProperty("tags")[0].GetString()!);

        Assert.Equal(["Generations", "Images", "Files", "Uploads", "Models", "Webhooks", "Accounts", "Keys", "Operations"], tags);
        Assert.All(document.GetProperty("tags").EnumerateArray(), tag => Assert.NotEmpty(tag.GetProperty("description").GetString()!));
        Assert.Equal(tags, used.Distinct());
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

    /// <summary>Lists every object of a document except the examples.</summary>
    private static IEnumerable<JsonObject> Nodes(JsonNode? node) => node switch
    {
        JsonObject members => members.Where(each => each.Key is not ("example" or "examples"))
            .SelectMany(each => Nodes(each.Value)).Prepend(members),
        JsonArray items => items.SelectMany(Nodes),
        _ => [],
    };

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Words();

    private static IEnumerable<string> References(JsonNode node) => node switch
    {
        JsonObject members => members.Where(each => each.Value is not null)
            .SelectMany(each => each.Key == "$ref" ? [each.Value!.GetValue<string>()] : References(each.Value!)),
        JsonArray items => items.SelectMany(each => each is null ? [] : References(each)),
        _ => [],
    };
}
