using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

public sealed class CreationTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_token_the_answer_is_Replicates()
    {
        await using var sandbox = await AtFullSpeedAsync();
        sandbox.Http.DefaultRequestHeaders.Authorization = null;
        using var response = await sandbox.PostAsync(SmallPicture());
        Assert.Equal(401, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(
            "{\"title\":\"Unauthenticated\",\"detail\":\"You did not pass a valid authentication token\",\"status\":401}\n",
            await response.Content.ReadAsStringAsync(Ct));
        Assert.Equal(0, sandbox.Server.Stats.CreationAttempts);
    }

    [Theory]
    [InlineData("Bearer", "right", 200)]
    [InlineData("Token", "right", 200)]
    [InlineData("Bearer", "wrong", 401)]
    [InlineData("Basic", "right", 401)]
    public async Task A_set_token_is_the_only_one_let_in(string scheme, string token, int status)
    {
        await using var sandbox = await AtFullSpeedAsync(o => o.ApiToken = "right");
        sandbox.Http.DefaultRequestHeaders.Authorization = new(scheme, token);
        using var response = await sandbox.Http.GetAsync("v1/account", Ct);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("""{"scheduler":"K_MAGIC"}""", "enum", "input.scheduler", "scheduler must be one of the following: \"DDIM\"")]
    [InlineData("""{"num_outputs":9}""", "number_lte", "input.num_outputs", "Must be less than or equal to 4")]
    [InlineData("""{"guidance_scale":0.5}""", "number_gte", "input.guidance_scale", "Must be greater than or equal to 1")]
    [InlineData("""{"width":"wide"}""", "invalid_type", "input.width", "Invalid type. Expected: integer, given: string")]
    [InlineData("""{"width":512.5}""", "invalid_type", "input.width", "Invalid type. Expected: integer, given: number")]
    [InlineData("""{"seed":null}""", "invalid_type", "input.seed", "Invalid type. Expected: integer, given: null")]
    public async Task Input_is_checked_against_the_models_schema(string input, string type, string field, string description)
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var response = await sandbox.PostAsync(JsonNode.Parse(input)!.AsObject());
        Assert.Equal(422, (int)response.StatusCode);
        var problem = await ReadAsync(response);
        Assert.Equal("Input validation failed", problem.GetProperty("title").GetString());
        var invalid = Assert.Single(problem.GetProperty("invalid_fields").EnumerateArray());
        Assert.Equal(type, invalid.GetProperty("type").GetString());
        Assert.Equal(field, invalid.GetProperty("field").GetString());
        Assert.StartsWith(description, invalid.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.StartsWith($"- {field}: {description}", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, sandbox.Server.Stats.Creations);
    }

    [Fact]
    public async Task A_required_input_and_every_other_problem_are_told_at_once()
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var response = await sandbox.PostAsync(
            new JsonObject { ["aspect_ratio"] = "5:7", ["num_outputs"] = 0 }, "black-forest-labs/flux-schnell");
        var problem = await ReadAsync(response);
        Assert.Equal(
            ["required", "enum", "number_gte"],
            problem.GetProperty("invalid_fields").EnumerateArray().Select(f => f.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Unknown_inputs_are_let_through_as_the_schemas_do_not_forbid_them()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var created = await sandbox.CreateAsync(new JsonObject { ["prompt"] = "x", ["width"] = 64, ["height"] = 64, ["sparkle"] = true });
        Assert.True(created.GetProperty("input").GetProperty("sparkle").GetBoolean());
    }

    [Theory]
    [InlineData("""{"input":{}}""", "required", "")]
    [InlineData("""{"version":"x"}""", "required", "")]
    [InlineData("""{"version":"x","input":[]}""", "invalid_type", "input")]
    [InlineData("""{"version":"x","input":{},"model":"a/b"}""", "additional_property_not_allowed", "")]
    [InlineData("""{"version":"x","input":{},"webhook":"http://example.com/hook"}""", "format", "webhook")]
    [InlineData("""{"version":"x","input":{},"webhook_events_filter":["end"]}""", "enum", "webhook_events_filter")]
    public async Task The_body_itself_is_checked(string body, string type, string field)
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var response = await sandbox.Http.PostAsync("v1/predictions", new StringContent(body, Encoding.UTF8, "application/json"), Ct);
        Assert.Equal(422, (int)response.StatusCode);
        var invalid = (await ReadAsync(response)).GetProperty("invalid_fields")[0];
        Assert.Equal(type, invalid.GetProperty("type").GetString());
        Assert.Equal(field, invalid.GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("stability-ai/sdxl")]
    [InlineData("nobody/nothing")]
    [InlineData("bytedance/sdxl-lightning-4step:" + SdxlVersion)]
    public async Task A_version_that_cannot_be_run_is_refused(string version)
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var response = await sandbox.Http.PostAsJsonAsync("v1/predictions", new { version, input = new { } }, Ct);
        Assert.Equal(422, (int)response.StatusCode);
        Assert.Equal("Invalid version or not permitted", (await ReadAsync(response)).GetProperty("title").GetString());
    }

    [Theory]
    [InlineData(SdxlVersion, "stability-ai/sdxl")]
    [InlineData("stability-ai/sdxl:39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b", "stability-ai/sdxl")]
    [InlineData("black-forest-labs/flux-dev", "black-forest-labs/flux-dev")]
    public async Task A_version_may_be_a_hash_a_name_with_a_hash_or_an_official_name(string version, string model)
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var response = await sandbox.Http.PostAsJsonAsync("v1/predictions", new { version, input = new { prompt = "x" } }, Ct);
        Assert.Equal(model, (await ReadAsync(response)).GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("stability-ai/sdxl")]
    [InlineData("nobody/nothing")]
    public async Task Only_official_models_are_called_by_name(string model)
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var response = await sandbox.PostAsync(SmallPicture(), model);
        Assert.Equal(404, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("wait=0", null)]
    [InlineData("wait=100", null)]
    [InlineData("wait=soon", null)]
    [InlineData(null, "4")]
    [InlineData(null, "25h")]
    [InlineData(null, "soon")]
    [InlineData(null, "1h2")]
    public async Task Headers_out_of_range_are_refused(string? prefer, string? cancelAfter)
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var response = await sandbox.PostAsync(SmallPicture(), prefer: prefer, cancelAfter: cancelAfter);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(0, sandbox.Server.Stats.Creations);
    }

    [Fact]
    public async Task The_limits_are_kept_when_switched_on()
    {
        await using var sandbox = await ByFakeClockAsync(o => o.RateLimits = true);
        for (var i = 0; i < 600; i++)
        {
            using var accepted = await sandbox.PostAsync(SmallPicture());
            Assert.Equal(201, (int)accepted.StatusCode);
            Assert.Equal($"{599 - i}", accepted.Headers.GetValues("ratelimit-remaining").Single());
        }
        using var refused = await sandbox.PostAsync(SmallPicture());
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.Equal(1, (await ReadAsync(refused)).GetProperty("retry_after").GetInt32());

        sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        using var again = await sandbox.PostAsync(SmallPicture());
        Assert.Equal(201, (int)again.StatusCode);
    }

    [Fact]
    public async Task Creations_are_recorded_with_body_and_headers()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var created = await sandbox.CreateAsync(SmallPicture("remember me"), cancelAfter: "5m");
        var recorded = Assert.Single(sandbox.Server.Stats.CreationRequests);
        Assert.Equal(Id(created), recorded.PredictionId);
        Assert.Equal("/v1/predictions", recorded.Path);
        Assert.Contains("remember me", recorded.Body, StringComparison.Ordinal);
        Assert.Equal("5m", recorded.Headers["cancel-after"]);
        Assert.Equal("Bearer r8_test", recorded.Headers["authorization"]);
    }
}
