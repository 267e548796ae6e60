using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Hosting;

namespace GenApi.Tests.Models;

/// <summary>/models over HTTP, from the service to the sandbox and back.</summary>
public sealed class ModelRoutesTests
{
    private const string Sdxl = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";
    private const string OldSdxl = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";

    [Fact]
    public async Task The_list_tells_each_alias_with_what_it_stands_for()
    {
        await using var app = await GenApiApp.StartAsync();

        var list = await app.GetAsync("/models");

        Assert.Equal(200, list.Status);
        var models = list["data"].EnumerateArray().ToDictionary(model => model.GetProperty("alias").GetString()!);
        Assert.Equal(["flux-1.1-pro", "flux-dev", "flux-schnell", "sd", "sd-3.5-large", "sdxl", "sdxl-lightning"], models.Keys);
        var sdxl = models["sdxl"];
        Assert.Equal(("stability-ai/sdxl", Sdxl), (sdxl.GetProperty("model").GetString(), sdxl.GetProperty("version").GetString()));
        Assert.Equal((false, true), (sdxl.GetProperty("official").GetBoolean(), sdxl.GetProperty("default").GetBoolean()));
        Assert.Equal(
            (true, false),
            (models["flux-dev"].GetProperty("official").GetBoolean(), models["flux-dev"].GetProperty("default").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, models["flux-dev"].GetProperty("version").ValueKind);
        Assert.Contains("1024 pixels", sdxl.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal("sdxl", list["default"].GetString());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (list["search"].ValueKind, list["next_cursor"].ValueKind));
        Assert.Equal($"{app.Address}models/sdxl", sdxl.GetProperty("urls").GetProperty("self").GetString());
    }

    [Fact]
    public async Task The_list_is_walked_by_its_cursor()
    {
        await using var app = await GenApiApp.StartAsync();
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await app.GetAsync($"/models?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page["data"].EnumerateArray().Select(model => model.GetProperty("alias").GetString()!));
            cursor = page["next_cursor"].GetString();
        }
        while (cursor is not null);
        Assert.Equal(["flux-1.1-pro", "flux-dev", "flux-schnell", "sd", "sd-3.5-large", "sdxl", "sdxl-lightning"], seen);
    }

    [Theory]
    [InlineData("/models/sdxl", "sdxl", Sdxl)]
    [InlineData("/models/SDXL", "sdxl", Sdxl)]
    [InlineData("/models/stability-ai/sdxl", null, Sdxl)]
    [InlineData("/models/stability-ai/sdxl:" + OldSdxl, null, OldSdxl)]
    [InlineData("/models/flux-schnell", "flux-schnell", null)]
    public async Task A_model_is_told_with_its_inputs_its_example_and_a_request(string path, string? alias, string? version)
    {
        await using var app = await GenApiApp.StartAsync();

        var model = await app.GetAsync(path);

        Assert.Equal(200, model.Status);
        Assert.Equal((alias, version), (model["alias"].GetString(), model["version"].GetString()));
        Assert.Equal("replicate", model["upstream"].GetString());
        Assert.Equal("prompt", model["input_schema", "properties"].EnumerateObject().First().Name);
        Assert.Equal("num_inference_steps", model["common_names", "steps"][0].GetString());
        Assert.False(string.IsNullOrEmpty(model["example", "input", "prompt"].GetString()));
        var made = await app.GenerateAsync(model["example_request"].GetRawText());
        Assert.True(made.Status == 200, made.Text);
        Assert.Equal((model["model"].GetString(), version), (made["model"].GetString(), made["version"].GetString()));
    }

    [Fact]
    public async Task The_request_of_every_alias_runs_as_it_is_and_costs_once()
    {
        await using var app = await GenApiApp.StartAsync();
        var aliases = (await app.GetAsync("/models"))["data"].EnumerateArray().Select(model => model.GetProperty("alias").GetString()!)
            .ToList();
        foreach (var alias in aliases)
        {
            var request = (await app.GetAsync($"/models/{alias}"))["example_request"].GetRawText();
            Assert.Equal(200, (await app.GenerateAsync(request)).Status);
            Assert.Equal("GenApi; hit", (await app.GenerateAsync(request)).Header("Cache-Status"));
        }
        Assert.Equal(aliases.Count, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task The_file_of_an_example_can_be_fetched_from_the_sandbox()
    {
        await using var app = await GenApiApp.StartAsync();
        foreach (var alias in new[] { "sdxl", "flux-schnell", "flux-1.1-pro" })
        {
            using var http = new HttpClient();
            using var file = await http.GetAsync(
                (await app.GetAsync($"/models/{alias}"))["example", "output"][0].GetString(), TestContext.Current.CancellationToken);
            Assert.StartsWith("image/", file.Content.Headers.ContentType!.MediaType, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_model_that_is_known_is_told_checked_and_queued_while_Replicate_is_down()
    {
        await using var app = await GenApiApp.StartAsync();
        var before = await app.GetAsync("/models/sdxl");
        await app.GetAsync("/models");
        await app.Sandbox.DisposeAsync();
        await app.RestartAsync();

        Assert.Equal(before["input_schema"].GetRawText(), (await app.GetAsync("/models/sdxl"))["input_schema"].GetRawText());
        Assert.All(
            (await app.GetAsync("/models"))["data"].EnumerateArray(), model =>
                Assert.NotNull(model.GetProperty("description").GetString()));
        var search = await app.GetAsync("/models?q=sdxl");
        Assert.Equal(
            (2, false, "upstream_unavailable"),
            (search["data"].GetArrayLength(), search["search", "upstream_answered"].GetBoolean(), search["search", "code"].GetString()));
        BadInputTests.AssertProblem(await app.GetAsync("/models/sdxl/versions"), 503, "upstream_unavailable");
        BadInputTests.AssertProblem(await app.GetAsync("/models/google/imagen-4"), 503, "upstream_unavailable");
        BadInputTests.AssertProblem(await app.GenerateAsync("""{"prompt":"a","steps":501}"""), 422, "invalid_input");
        var queued = await app.GenerateAsync("""{"prompt":"a","steps":5}""", ("Prefer", "respond-async"));
        Assert.Equal((202, "queued", Sdxl), (queued.Status, queued.State, queued["version"].GetString()));
    }

    [Fact]
    public async Task Versions_tell_which_is_used()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Models:Aliases:old"] = $"stability-ai/sdxl:{OldSdxl}" });
        foreach (var (path, used) in new[] { ("sdxl", Sdxl), ("old", OldSdxl), ("stability-ai/sdxl", Sdxl), (
            $"stability-ai/sdxl:{OldSdxl}", OldSdxl) })
        {
            var versions = (await app.GetAsync($"/models/{path}/versions"))["data"].EnumerateArray().ToList();
            Assert.Equal([Sdxl, OldSdxl], versions.Select(version => version.GetProperty("version").GetString()));
            Assert.Equal(
                used, Assert.Single(versions, version => version.GetProperty("used").GetBoolean()).GetProperty("version").GetString());
        }
        Assert.Equal(0, (await app.GetAsync("/models/flux-dev/versions"))["data"].GetArrayLength());
    }

    [Fact]
    public async Task A_search_goes_on_without_the_beta_and_tells_when_the_upstream_fails()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.SearchError) { Status = 404 });
        var listed = await app.GetAsync("/models?q=imagen");
        Assert.Equal(
            ("google/imagen-4", true),
            (listed["data"][0].GetProperty("model").GetString(), listed["search", "upstream_answered"].GetBoolean()));
        app.Sandbox.Faults.Add(new Fault(FaultKind.SearchError) { Times = null });
        var failed = await app.GetAsync("/models?q=imagen");
        Assert.Equal((0, false), (failed["data"].GetArrayLength(), failed["search", "upstream_answered"].GetBoolean()));
        Assert.Equal("upstream_unavailable", failed["search", "code"].GetString());
        app.Sandbox.Faults.Clear();
        var found = (await app.GetAsync("/models?q=imagen"))["data"][0];
        Assert.Equal(200, (await app.GenerateAsync(new { prompt = "a fox", model = found.GetProperty("model").GetString() })).Status);
    }

    [Fact]
    public async Task An_answer_that_has_not_changed_is_not_sent_again()
    {
        await using var app = await GenApiApp.StartAsync();
        foreach (var path in new[] { "/models", "/models/sdxl", "/models/sdxl/versions" })
        {
            var first = await app.GetAsync(path);
            Assert.Contains("no-cache", first.Header("Cache-Control"), StringComparison.Ordinal);
            var again = await app.GetAsync(path, ("If-None-Match", first.Header("ETag")!));
            Assert.Equal((304, 0), (again.Status, again.Body.Length));
            Assert.Equal(200, (await app.GetAsync(path, ("If-None-Match", "\"other\""))).Status);
        }
    }

    [Theory]
    [InlineData("/models/sdxll", 404, "unknown_model")]
    [InlineData("/models/stability-ai/sdxll", 404, "unknown_model")]
    [InlineData("/models/stability-ai/stable-diffusion:" + Sdxl, 404, "unknown_model")]
    [InlineData("/models/stability-ai/sdxl:latest", 400, "invalid_request")]
    [InlineData("/models/..%2f..", 400, "invalid_request")]
    [InlineData("/models/nope/versions", 404, "unknown_model")]
    [InlineData("/models/sdxl/versions?cursor=!", 400, "invalid_request")]
    [InlineData("/models/sdxl/versions?cursor=L3YxL2FjY291bnQ_", 400, "invalid_request")]
    [InlineData("/models/sdxl/versions?limit=5", 400, "invalid_request")]
    [InlineData("/models?limit=0", 400, "invalid_request")]
    [InlineData("/models?limit=101", 400, "invalid_request")]
    [InlineData("/models?search=x", 400, "invalid_request")]
    [InlineData("/models?q=x&cursor=eA", 400, "invalid_request")]
    [InlineData("/models?cursor=*", 400, "invalid_request")]
    public async Task What_can_not_be_told_is_a_problem(string path, int status, string code)
    {
        await using var app = await GenApiApp.StartAsync();
        BadInputTests.AssertProblem(await app.GetAsync(path), status, code);
    }

    [Fact]
    public async Task A_generation_tells_the_version_and_the_shape_that_were_chosen_for_it()
    {
        await using var app = await GenApiApp.StartAsync();
        var community = await app.GenerateAsync(
            new { prompt = "a fox", model = "stability-ai/stable-diffusion", width = 64, height = 64, steps = 3 });
        Assert.Equal("ac732df83cea7fff18b8472768c88ad041fa750ff7682a21affe81863cbe77e4", community["version"].GetString());
        Assert.Equal(3, community["input", "num_inference_steps"].GetInt32());
        var official = await app.GenerateAsync(
            new { prompt = "a fox", model = "black-forest-labs/flux-schnell", width = 640, height = 360 });
        Assert.Equal(JsonValueKind.Null, official["version"].ValueKind);
        Assert.Equal(("16:9", "0.25"), (official["input", "aspect_ratio"].GetString(), official["input", "megapixels"].GetString()));
    }

    [Fact]
    public async Task What_Replicate_finds_wrong_with_an_input_comes_in_the_form_of_our_own_check()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateRefused) { Status = 422 });

        var refused = await app.GenerateAsync(new { prompt = "a fox", seed = 1 });

        BadInputTests.AssertProblem(refused, 422, "invalid_input");
        Assert.Contains("must be one of", refused["errors", "$.input.scheduler"][0].GetString(), StringComparison.Ordinal);
        var kept = await app.GetAsync($"/generations/{refused["generation_id"].GetString()}");
        Assert.Equal(refused["errors"].GetRawText(), kept["error", "errors"].GetRawText());
    }
}
