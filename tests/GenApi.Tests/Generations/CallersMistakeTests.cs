using GenApi.Core.Generations.Execution;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Sandbox.Control;
using GenApi.Tests.Models;

namespace GenApi.Tests.Generations;

/// <summary>Tests requests that would be billed for an image that nobody wanted, or for none.</summary>
public sealed class CallersMistakeTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"model":"sdxl"}""")]
    [InlineData("""{"prompt":null}""")]
    [InlineData("""{"model":"sdxl","input":{}}""")]
    [InlineData("""{"model":"sdxl","input":{"prompt":null}}""")]
    [InlineData("""{"model":"sdxl","input":{"negative_prompt":"fog"},"seed":3}""")]
    [InlineData("""{"model":"flux-schnell"}""")]
    public async Task A_request_without_a_prompt_is_not_billed(string body)
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GenerateAsync(body);

        Assert.Equal((400, "invalid_request"), (answer.Status, answer.Code));
        Assert.Contains("'prompt' is missing", answer["errors", "$.prompt"][0].GetString(), StringComparison.Ordinal);
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
    }

    [Theory]
    [InlineData("An astronaut riding a rainbow unicorn")]
    [InlineData("")]
    public async Task The_default_prompt_is_asked_for_by_the_models_own_name(string prompt)
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GenerateAsync(new { model = "sdxl", width = 64, height = 64, input = new { prompt } });

        Assert.Equal(200, answer.Status);
        Assert.Equal(prompt, answer["input", "prompt"].GetString());
    }

    [Theory]
    [InlineData("""{"prompt":"a","model":"sdxl","mask":"https://example.com/m.png"}""", "$.mask")]
    [InlineData("""{"prompt":"a","model":"sdxl","strength":0.8}""", "$.strength")]
    [InlineData("""{"prompt":"a","model":"sdxl","image":null,"strength":0.5}""", "$.strength")]
    [InlineData("""{"prompt":"a","model":"sdxl","input":{"mask":"https://example.com/m.png"}}""", "$.input.mask")]
    [InlineData("""{"prompt":"a","model":"sdxl","input":{"prompt_strength":0.5}}""", "$.input.prompt_strength")]
    [InlineData("""{"prompt":"a","model":"flux-dev","strength":0.5}""", "$.strength")]
    public async Task What_means_nothing_without_a_source_image_is_refused(string body, string path)
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GenerateAsync(body);

        Assert.Equal((422, "invalid_input"), (answer.Status, answer.Code));
        Assert.Equal(path, Assert.Single(answer["errors"].EnumerateObject()).Name);
        Assert.Contains("without a source image: give one in $.image", answer["errors", path][0].GetString(), StringComparison.Ordinal);
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task A_strength_that_is_written_out_as_the_models_own_default_is_the_same_as_none()
    {
        await using var app = await GenApiApp.StartAsync();

        var first = await app.GenerateAsync(
            new { prompt = "a", model = "sdxl", seed = 1, width = 64, height = 64, input = new { prompt_strength = 0.80 } });
        var second = await app.GenerateAsync(new { prompt = "a", model = "sdxl", seed = 1, width = 64, height = 64 });

        Assert.Equal(200, first.Status);
        Assert.Equal(first.Id, second.Id);
    }

    [Theory]
    [InlineData("""{"prompt":"a","model":"sdxl","width":1001,"height":64}""", "$.width", "such as 1000 or 1008; it is 1001")]
    [InlineData("""{"prompt":"a","model":"sdxl","input":{"height":1002.0}}""", "$.input.height", "such as 1000 or 1008; it is 1002")]
    [InlineData("""{"prompt":"a","model":"sdxl","width":5}""", "$.width", "such as 8; it is 5")]
    public async Task A_side_that_the_model_would_fail_over_is_refused_before_anything_is_billed(string body, string path, string words)
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GenerateAsync(body);

        Assert.Equal((422, "invalid_input"), (answer.Status, answer.Code));
        Assert.Equal(path, Assert.Single(answer["errors"].EnumerateObject()).Name);
        Assert.Contains($"must be a multiple of 8, {words}", answer["errors", path][0].GetString(), StringComparison.Ordinal);
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task A_run_that_fails_over_its_size_is_the_callers_mistake()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails)
        {
            Text = "`height` and `width` have to be divisible by 64 but are 64 and 72.",
        });

        var answer = await app.GenerateAsync(new { prompt = "a", width = 72, height = 64 });

        Assert.Equal((422, "invalid_input"), (answer.Status, answer.Code));
        Assert.Equal("$.input.width", Assert.Single(answer["errors"].EnumerateObject()).Name);
        var row = await app.GetAsync($"/generations/{answer["generation_id"].GetString()}");
        Assert.Equal(("invalid_input", false), (row["error", "code"].GetString(), row["error", "retryable"].GetBoolean()));
    }

    [Theory]
    [InlineData("`height` and `width` have to be divisible by 8 but are 1001 and 1024.", "$.input.height")]
    [InlineData("The model failed: width must be divisible by 64", "$.input.width")]
    [InlineData("ValueError: Width must be a multiple of 64", "$.input.width")]
    [InlineData("width must be between 256 and 1440", "$.input.width")]
    [InlineData("Invalid image size: 1024x1001", "$.input.height,$.input.width")]
    [InlineData("The requested resolution is not supported", "$.input.height,$.input.width")]
    [InlineData("aspect_ratio must be one of 1:1, 16:9", "$.input.aspect_ratio")]
    public void Texts_about_a_size_name_the_members_to_blame(string message, string paths)
    {
        var fault = InputFault.Read(message, """{"prompt":"a","width":1024,"height":1001,"aspect_ratio":"2:1"}""");

        Assert.Equal(paths.Split(','), fault!.Errors.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 64.00 GiB")]
    [InlineData("embed_dim must be divisible by num_heads")]
    [InlineData("Prediction interrupted; please retry (code: PA)")]
    [InlineData("The size of tensor a (77) must match the size of tensor b (154)")]
    [InlineData("Dimension out of range (expected to be in range of [-1, 0], but got 1)")]
    [InlineData("Failed to download image: HTTP 404")]
    public void Other_failures_stay_the_models(string message) =>
        Assert.Null(InputFault.Read(message, """{"prompt":"a","width":1024,"height":1024}"""));

    [Theory]
    [InlineData("Width in pixels; must be a multiple of 16", 16)]
    [InlineData("Width of the image. Must be divisible by 8.", 8)]
    [InlineData("Width in pixels, with aspect_ratio custom only; rounded to a multiple of 32", null)]
    [InlineData("Width, multiples of 64 recommended", null)]
    [InlineData("Width of the picture", null)]
    [InlineData(null, null)]
    public void A_step_that_a_description_demands_is_known(string? description, int? step) =>
        Assert.Equal(step, SizeSteps.Read(description));

    [Fact]
    public void Every_example_and_every_cheapest_input_names_a_prompt_where_the_model_takes_one()
    {
        foreach (var (model, document) in KnownSchemas.Documents)
        {
            var schema = InputSchema.Parse(document);
            var example = ExampleRequest.Write(model, schema, null);
            var common = example.Where(each => each.Key is not ("model" or "input")).ToDictionary(
                each => each.Key, each => System.Text.Json.JsonElement.Parse(each.Value!.ToJsonString()));
            var own = example["input"] is { } input ? System.Text.Json.JsonElement.Parse(input.ToJsonString()) : default;

            InputNames.RequirePrompt(schema, common, own);
            InputNames.Map(schema, common, own);
        }
    }
}
