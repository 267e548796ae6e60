using System.Net.Http.Json;
using System.Text.Json;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

/// <summary>Deployments, new models and trainings, as the official clients use them.</summary>
public sealed class MadeModelTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deployment_is_made_run_changed_and_deleted()
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var made = await sandbox.Http.PostAsJsonAsync("v1/deployments", Deployment(0), Ct);
        using var twice = await sandbox.Http.PostAsJsonAsync("v1/deployments", Deployment(0), Ct);
        using var run = await sandbox.Http.PostAsJsonAsync("v1/deployments/sandbox/shop/predictions", new { input = SmallPicture() }, Ct);
        using var changed = await sandbox.Http.PatchAsJsonAsync("v1/deployments/sandbox/shop", new { max_instances = 3 }, Ct);

        Assert.Equal((200, 409, 201), ((int)made.StatusCode, (int)twice.StatusCode, (int)run.StatusCode));
        var prediction = await ReadAsync(run);
        Assert.Equal("sandbox/shop", prediction.GetProperty("deployment").GetString());
        Assert.Equal(SdxlVersion, prediction.GetProperty("version").GetString());
        var release = (await ReadAsync(changed)).GetProperty("current_release");
        Assert.Equal(2, release.GetProperty("number").GetInt32());
        Assert.Equal(3, release.GetProperty("configuration").GetProperty("max_instances").GetInt32());
        Assert.Equal(1, (await sandbox.GetAsync("v1/deployments")).GetProperty("results").GetArrayLength());
        using var deleted = await sandbox.Http.DeleteAsync("v1/deployments/sandbox/shop", Ct);
        Assert.Equal(204, (int)deleted.StatusCode);
        using var gone = await sandbox.Http.PostAsJsonAsync("v1/deployments/sandbox/shop/predictions", new { input = SmallPicture() }, Ct);
        Assert.Equal(404, (int)gone.StatusCode);
    }

    [Fact]
    public async Task A_deployment_with_too_many_instances_is_refused()
    {
        await using var sandbox = await AtFullSpeedAsync();

        using var refused = await sandbox.Http.PostAsJsonAsync("v1/deployments", Deployment(6), Ct);

        Assert.Equal(422, (int)refused.StatusCode);
        Assert.Equal("min_instances", (await ReadAsync(refused)).GetProperty("invalid_fields")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_training_gives_a_new_model_a_version_that_runs()
    {
        await using var sandbox = await ByFakeClockAsync();
        var model = new { owner = "sandbox", name = "mine", visibility = "private", hardware = "cpu" };
        using var made = await sandbox.Http.PostAsJsonAsync("v1/models", model, Ct);
        var path = $"v1/models/stability-ai/sdxl/versions/{SdxlVersion}/trainings";

        using var nowhere = await sandbox.Http.PostAsJsonAsync(path, new { destination = "sandbox/none", input = new { } }, Ct);
        using var started = await sandbox.Http.PostAsJsonAsync(path, new { destination = "sandbox/mine", input = new { steps = 3 } }, Ct);
        var training = await ReadAsync(started);
        sandbox.Time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal((201, 404, 201), ((int)made.StatusCode, (int)nowhere.StatusCode, (int)started.StatusCode));
        Assert.Equal("The specified training destination does not exist", (await ReadAsync(nowhere)).GetProperty("detail").GetString());
        var ended = await EndedAsync(sandbox, training.GetProperty("urls").GetProperty("get").GetString()!);
        var version = ended.GetProperty("output").GetProperty("version").GetString()!;
        Assert.StartsWith("sandbox/mine:", version, StringComparison.Ordinal);
        Assert.Equal(0, sandbox.Server.Stats.Creations);
        using var run = await sandbox.Http.PostAsJsonAsync("v1/predictions", new { version, input = new { prompt = "x" } }, Ct);
        Assert.Equal("sandbox/mine", (await ReadAsync(run)).GetProperty("model").GetString());
        Assert.Equal(1, (await sandbox.GetAsync("v1/trainings")).GetProperty("results").GetArrayLength());
    }

    [Fact]
    public async Task A_training_can_be_canceled()
    {
        await using var sandbox = await ByFakeClockAsync();
        using var made = await sandbox.Http.PostAsJsonAsync(
            "v1/models", new { owner = "sandbox", name = "mine", visibility = "public", hardware = "cpu" }, Ct);
        using var started = await sandbox.Http.PostAsJsonAsync(
            $"v1/models/stability-ai/sdxl/versions/{SdxlVersion}/trainings", new { destination = "sandbox/mine", input = new { } }, Ct);
        var training = await ReadAsync(started);

        using var canceled = await sandbox.Http.PostAsync(training.GetProperty("urls").GetProperty("cancel").GetString(), null, Ct);

        Assert.Equal("canceled", Status(await ReadAsync(canceled)));
        Assert.Equal(JsonValueKind.Null, (await sandbox.GetAsync("v1/models/sandbox/mine")).GetProperty("latest_version").ValueKind);
        using var deleted = await sandbox.Http.DeleteAsync("v1/models/sandbox/mine", Ct);
        Assert.Equal(204, (int)deleted.StatusCode);
    }

    private static object Deployment(int least) => new
    {
        name = "shop",
        model = "stability-ai/sdxl",
        version = SdxlVersion,
        hardware = "gpu-t4",
        min_instances = least,
        max_instances = 1,
    };

    private static async Task<JsonElement> EndedAsync(SandboxDriver sandbox, string address)
    {
        // The step that ends it runs on the thread pool, right after the clock has moved.
        for (var left = 200; ; left--)
        {
            var training = await sandbox.GetAsync(address);
            if (Status(training) == "succeeded" || left == 0)
                return training;
            await Task.Yield();
        }
    }
}
