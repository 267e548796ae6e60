using GenApi.Tests.Replicate;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Accounts;

/// <summary>A budget covers the highest possible cost of a request, by whatever name it asks for several images.</summary>
public sealed class WorstCaseTests
{
    private const string PerImage = "Models:Prices:odd/model:PerImage";
    private const string PerMegapixel = "Models:Prices:odd/model:PerMegapixel";

    /// <summary>As in seedream-4.</summary>
    private const string MaxImages = """{"prompt":{"type":"string"},"max_images":{"type":"integer","minimum":1,"maximum":15"""
        + ""","default":1}}""";

    public static TheoryData<string?, string, string, string?> TooMuch => new()
    {
        // schema, input, budget, code; three cents per image
        { MaxImages, """{"prompt":"x","max_images":15}""", "0.10", "budget_exhausted" },
        { MaxImages, """{"prompt":"x","max_images":3}""", "0.10", null },
        { Count("n"), """{"n":4}""", "0.10", "budget_exhausted" },
        { Count("n"), """{"n":3}""", "0.10", null },
        { Count("batch_size"), """{"batch_size":4}""", "0.10", "budget_exhausted" },
        { Count("images_per_prompt"), """{"images_per_prompt":4}""", "0.10", "budget_exhausted" },
        { Count("numImages"), """{"numImages":4}""", "0.10", "budget_exhausted" },
        { Count("amount"), """{"amount":4}""", "0.10", "budget_exhausted" },
        { Count("num_outputs"), """{"num_outputs":2000}""", "31", "budget_exhausted" },
        { Count("num_outputs"), """{"num_outputs":1e3}""", "29", "budget_exhausted" },
        // An unusual name, with its meaning in the description.
        { """{"how_often":{"type":"integer","description":"Number of images to generate"}}""", """{"how_often":4}""", "0.10",
            "budget_exhausted" },
        { """{"k":{"type":"integer","description":"Number of denoising steps for the image"}}""", """{"k":40}""", "0.10", null },
        // Two that multiply each other.
        { """{"batch_size":{"type":"integer"},"batch_count":{"type":"integer","default":2}}""", """{"batch_size":2}""", "0.10",
            "budget_exhausted" },
        { """{"num_outputs":{"type":"string","enum":["1","4"]}}""", """{"num_outputs":"4"}""", "0.10", "budget_exhausted" },
        // Left to the model: the highest number that its schema allows; without a limit, nothing.
        { """{"prompt":{"type":"string"},"max_images":{"type":"integer","maximum":15}}""", """{"prompt":"x"}""", "0.10",
            "budget_exhausted" },
        { """{"prompt":{"type":"string"},"num_images":{"type":"integer"}}""", """{"prompt":"x"}""", "1000", "unpriced_model" },
        { """{"prompt":{"type":"string"},"batched_prompt":{"type":"boolean"}}""", """{"prompt":"a\nb\n\nc\nd","batched_prompt":true}""",
            "0.10", "budget_exhausted" },
        // The number of input images is not the number of outputs.
        { """{"prompt":{"type":"string"},"num_inference_steps":{"type":"integer","default":50}"""
            + ""","image_size":{"type":"integer","default":512},"max_input_images":{"type":"integer","default":8}}""",
            """{"prompt":"x"}""", "0.10", null },
        // No schema: anything that looks like a number of images is one.
        { null, """{"prompt":"x","num_outputs":"9"}""", "0.10", "budget_exhausted" },
        { null, """{"prompt":"x","num_outputs":" 9.0 "}""", "0.10", "budget_exhausted" },
        { null, """{"prompt":"x","num_outputs":"1e1"}""", "0.10", "budget_exhausted" },
        { null, """{"prompt":"x","num_outputs":3.5}""", "0.10", "budget_exhausted" },
        { null, """{"prompt":"x","num_outputs":1e300}""", "1000000", "budget_exhausted" },
        { null, """{"prompt":"x","max_images":4}""", "0.10", "budget_exhausted" },
        { null, """{"prompt":"x","num_outputs":-7}""", "0.02", "budget_exhausted" },
        { null, """{"prompt":"x","num_outputs":"3"}""", "0.10", null },
        { null, """{"prompt":"x","images":["https://pictures.example/a.png"],"n":2}""", "0.10", null },
        { null, """{"prompt":"x","num_outputs":"nine"}""", "1000", "unpriced_model" },
        { null, """{"prompt":"x"}""", "1000", "unpriced_model" },
    };

    public static TheoryData<string?, string, string, string?> TooLarge => new()
    {
        // schema, input, budget, code; one cent per megapixel
        { Side("integer"), """{"width":2048,"height":2048}""", "0.03", "budget_exhausted" },
        { Side("integer"), """{"width":2048,"height":2048}""", "0.04", null },
        { Side("integer"), """{"width":30000,"height":30000}""", "8.58", "budget_exhausted" },
        { null, """{"width":"2048","height":"2048","n":1}""", "0.03", "budget_exhausted" },
        { null, """{"width":"2048","height":"2048","n":1}""", "0.04", null },
        { null, """{"width":1024,"height":1024,"n":1,"upscale_factor":4}""", "1000", "unpriced_model" },
        { null, """{"prompt":"x","n":1}""", "1000", "unpriced_model" },
        { """{"size":{"type":"string","enum":["1K","4K"],"default":"4K"}}""", "{}", "0.15", "budget_exhausted" },
        { """{"prompt":{"type":"string"}}""", """{"prompt":"x"}""", "0.03", "budget_exhausted" },
        { """{"prompt":{"type":"string"}}""", """{"prompt":"x"}""", "0.04", null },
        // Upscalers, and images as large as their source.
        { """{"image":{"type":"string","format":"uri"},"scale":{"type":"number","default":4,"maximum":10}}""",
            """{"image":"https://pictures.example/a.png"}""", "1000", "unpriced_model" },
        { """{"image":{"type":"string","format":"uri"}}""", """{"image":"https://pictures.example/a.png"}""", "1000", "unpriced_model" },
        { """{"prompt":{"type":"string"},"megapixels":{"type":"string","enum":["1","match_input"]}}""",
            """{"prompt":"x","megapixels":"match_input"}""", "1000", "unpriced_model" },
        // Width and height that the model ignores, because its shape is not custom.
        { """{"aspect_ratio":{"type":"string","enum":["custom","1:1"],"default":"1:1"}"""
            + ""","width":{"type":"integer","maximum":1440},"height":{"type":"integer","maximum":1440}}""",
            """{"aspect_ratio":"1:1","width":256,"height":256}""", "0.03", "budget_exhausted" },
        { """{"prompt":{"type":"string"},"guidance_scale":{"type":"number","default":7}}""", """{"prompt":"x"}""", "0.04", null },
    };

    [Theory, MemberData(nameof(TooMuch))]
    public Task What_may_cost_more_than_is_left_is_refused_before_anything_is_sent(
        string? schema, string input, string budget, string? code) =>
        AssertAsync(schema, input, budget, code, (PerImage, "0.03"));

    [Theory, MemberData(nameof(TooLarge))]
    public Task What_may_become_larger_than_is_left_is_refused_before_anything_is_sent(
        string? schema, string input, string budget, string? code) =>
        AssertAsync(schema, input, budget, code, (PerMegapixel, "0.01"));

    [Theory]
    [InlineData(null, """{"prompt":"x"}""", "0.10", "4", "budget_exhausted")]
    [InlineData(null, """{"prompt":"x"}""", "0.10", "3", null)]
    // The operator knows that the name has another meaning, or that another name counts.
    [InlineData("""{"batch":{"type":"integer","default":8}}""", "{}", "0.10", "1", null)]
    [InlineData("""{"prompt":{"type":"string"},"k":{"type":"integer"}}""", """{"prompt":"x","k":15}""", "0.10", "15", "budget_exhausted")]
    public Task The_operators_bound_stands_in_and_goes_before(string? schema, string input, string budget, string most, string? code) =>
        AssertAsync(schema, input, budget, code, (PerImage, "0.03"), ("Models:Prices:odd/model:MostImages", most));

    [Theory]
    [InlineData("16", "0.15", "budget_exhausted")]
    [InlineData("16", "0.16", null)]
    public Task So_does_the_operators_bound_of_pixels(string most, string budget, string? code) =>
        AssertAsync(
            """{"image":{"type":"string","format":"uri"},"scale":{"type":"number","default":4}}""",
            """{"image":"https://pictures.example/a.png"}""", budget, code,
            (PerMegapixel, "0.01"), ("Models:Prices:odd/model:MostMegapixels", most));

    [Fact]
    public async Task What_nothing_bounds_runs_without_a_budget_and_where_the_operator_allows_it_and_the_refusal_says_what_to_set()
    {
        await using var server = await UpstreamAsync(null);
        await using var app = await StartAsync(server, "1000", (PerImage, "0.03"));
        var refused = await app.GenerateAsync(new { model = "odd/model", input = new { prompt = "x" } });
        await app.RestartAsync(new() { ["Accounts:AllowUnpriced"] = "true" });
        await app.GenerateAsync(new { model = "odd/model", input = new { prompt = "x" } });
        await app.RestartAsync(new() { ["Accounts:AllowUnpriced"] = "false", ["Accounts:Budget:Total"] = "" });
        await app.GenerateAsync(new { model = "odd/model", input = new { prompt = "x", seed = 2 } });

        Assert.Equal((402, "unpriced_model"), (refused.Status, refused.Code));
        Assert.Contains("MostImages", refused["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal(2, Creations(server));
    }

    private static string Count(string name) => $$$"""{"{{{name}}}":{"type":"integer","default":1}}""";

    private static string Side(string type) =>
        $$$"""{"width":{"type":"{{{type}}}","default":1024},"height":{"type":"{{{type}}}","default":1024}}""";

    private static async Task AssertAsync(
        string? schema, string input, string budget, string? code, params (string Key, string Value)[] price)
    {
        await using var server = await UpstreamAsync(schema);
        await using var app = await StartAsync(server, budget, price);

        var answer = await app.GenerateAsync($$"""{"model":"odd/model","input":{{input}}}""");

        Assert.Equal(code is null ? 1 : 0, Creations(server));
        if (code is not null)
            Assert.True((402, code) == (answer.Status, answer.Code), answer.Text);
    }

    private static Task<GenApiApp> StartAsync(ScriptedServer server, string budget, params (string Key, string Value)[] price)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Replicate:BaseUrl"] = server.BaseUrl.ToString().TrimEnd('/'),
            ["Accounts:Budget:Total"] = budget,
        };
        foreach (var (key, value) in price)
            settings[key] = value;
        return GenApiApp.StartAsync(settings);
    }

    private static int Creations(ScriptedServer server) => server.Requests.Count(request => request.Method == "POST");

    /// <summary>An upstream with one official model that it refuses to run: the test checks whether it was asked.</summary>
    private static Task<ScriptedServer> UpstreamAsync(string? schema) => ScriptedServer.StartAsync(async context =>
    {
        context.Response.ContentType = "application/json";
        const string template =
            """{"id":"v","openapi_schema":{"components":{"schemas":{"Input":{"type":"object","properties":SCHEMA}}}}}""";
        var version = schema is null ? "null" : template.Replace("SCHEMA", schema, StringComparison.Ordinal);
        context.Response.StatusCode = context.Request.Method == "POST" ? 422 : 200;
        await context.Response.WriteAsync(context.Request.Method == "POST"
            ? """{"detail":"- input: refused","status":422,"title":"Input validation failed"}"""
            : $$"""{"owner":"odd","name":"model","is_official":true,"latest_version":{{version}}}""");
    });
}
