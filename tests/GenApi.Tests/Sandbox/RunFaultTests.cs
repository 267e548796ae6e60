using System.Text.Json;
using GenApi.Sandbox.Control;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

public sealed class RunFaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.RunAborts, "aborted", null)]
    [InlineData(FaultKind.RunFails, "failed", "Prediction interrupted")]
    [InlineData(FaultKind.RunRefused, "failed", "NSFW content detected")]
    [InlineData(FaultKind.RunEmpty, "succeeded", null)]
    public async Task A_run_without_an_output(FaultKind kind, string status, string? error)
    {
        await using var sandbox = await AtFullSpeedAsync();
        sandbox.Server.Faults.Add(kind);
        var ended = await sandbox.RunAsync();
        Assert.Equal(status, Status(ended));
        Assert.Equal(JsonValueKind.Null, ended.GetProperty("output").ValueKind);
        Assert.Contains(error ?? "", ended.GetProperty("error").GetString() ?? "", StringComparison.Ordinal);
        Assert.Equal("succeeded", Status(await sandbox.RunAsync()));
    }

    [Fact]
    public async Task A_failure_may_have_any_text_and_none()
    {
        await using var sandbox = await AtFullSpeedAsync();
        sandbox.Server.Faults.Add(new Fault(FaultKind.RunFails) { Text = "" });
        sandbox.Server.Faults.Add(new Fault(FaultKind.RunFails) { Text = "CUDA out of memory" });
        Assert.Equal("", (await sandbox.RunAsync()).GetProperty("error").GetString());
        Assert.Equal("CUDA out of memory", (await sandbox.RunAsync()).GetProperty("error").GetString());
    }

    [Fact]
    public async Task Outputs_come_in_every_shape_seen()
    {
        await using var sandbox = await AtFullSpeedAsync();
        sandbox.Server.Faults.Add(FaultKind.RunDataUri);
        var inline = await sandbox.RunAsync();
        Assert.StartsWith("data:image/png;base64,iVBOR", inline.GetProperty("output")[0].GetString(), StringComparison.Ordinal);

        sandbox.Server.Faults.Add(FaultKind.RunNested);
        var nested = await sandbox.RunAsync();
        using (var file = await sandbox.Http.GetAsync(nested.GetProperty("output")[0].GetProperty("file").GetString(), Ct))
            Assert.Equal(200, (int)file.StatusCode);

        var four = SmallPicture();
        four["num_outputs"] = 4;
        sandbox.Server.Faults.Add(FaultKind.RunFewer);
        Assert.Equal(3, (await sandbox.RunAsync(four.DeepClone().AsObject())).GetProperty("output").GetArrayLength());
        sandbox.Server.Faults.Add(new Fault(FaultKind.RunFewer) { Count = 0 });
        Assert.Equal(0, (await sandbox.RunAsync(four)).GetProperty("output").GetArrayLength());

        sandbox.Server.Faults.Add(FaultKind.RunStrange);
        Assert.Equal(42, (await sandbox.RunAsync()).GetProperty("output")[1].GetInt32());
    }

    [Fact]
    public async Task Output_may_be_there_before_the_end()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var early = sandbox.Server.Faults.Add(FaultKind.RunEarlyOutput);
        var created = await sandbox.CreateAsync(prefer: "wait");
        Assert.Equal("processing", Status(created));
        Assert.Equal("", created.GetProperty("logs").GetString());
        Assert.False(created.TryGetProperty("metrics", out _));
        Assert.False(created.TryGetProperty("completed_at", out _));
        using (var file = await sandbox.Http.GetAsync(FirstFile(created), Ct))
            Assert.Equal(200, (int)file.StatusCode);

        early.Release();
        var ended = await EndOfAsync(sandbox, created);
        Assert.Equal("succeeded", Status(ended));
        Assert.True(ended.TryGetProperty("metrics", out _));
    }

    [Fact]
    public async Task Runs_can_be_held_before_they_start_and_before_they_end()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var starting = sandbox.Server.Faults.Add(FaultKind.RunHeldStarting);
        var processing = sandbox.Server.Faults.Add(FaultKind.RunHeldProcessing);
        var created = await sandbox.CreateAsync();
        await starting.Reached.WaitAsync(Ct);
        Assert.Equal("starting", Status(await sandbox.LookAsync(created)));
        starting.Release();
        await StatusAsync(sandbox, created, "processing");
        processing.Release();
        await StatusAsync(sandbox, created, "succeeded");
    }

    [Fact]
    public async Task A_stuck_run_never_ends_by_itself()
    {
        await using var sandbox = await ByFakeClockAsync();
        sandbox.Server.Faults.Add(FaultKind.RunStuck);
        var created = await sandbox.CreateAsync();
        sandbox.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal("processing", Status(await sandbox.LookAsync(created)));
        Assert.Equal("canceled", Status(await sandbox.CancelAsync(created)));
    }

    [Fact]
    public async Task An_unknown_status_word_comes_before_the_end()
    {
        await using var sandbox = await ByFakeClockAsync();
        sandbox.Server.Faults.Add(new Fault(FaultKind.RunUnknownStatus) { Text = "polishing" });
        var created = await sandbox.CreateAsync(model: "sandbox/slow");
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("polishing", Status(await sandbox.LookAsync(created)));
        sandbox.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("succeeded", Status(await sandbox.LookAsync(created)));
    }

    [Fact]
    public async Task Looks_fail_in_every_way()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var created = await sandbox.CreateAsync();
        var path = $"v1/predictions/{Id(created)}";
        var faults = sandbox.Server.Faults;

        faults.Add(FaultKind.GetError);
        Assert.Equal(500, await StatusCodeAsync(sandbox, path));
        faults.Add(FaultKind.GetNotFound, times: 2);
        Assert.Equal(404, await StatusCodeAsync(sandbox, path));
        Assert.Equal(404, await StatusCodeAsync(sandbox, path));
        faults.Add(FaultKind.GetThrottled);
        Assert.Equal(429, await StatusCodeAsync(sandbox, path));
        faults.Add(FaultKind.GetHtml);
        Assert.Equal(502, await StatusCodeAsync(sandbox, path));
        faults.Add(FaultKind.GetReset);
        await Assert.ThrowsAsync<HttpRequestException>(() => StatusCodeAsync(sandbox, path));
        faults.Add(FaultKind.GetBadJson);
        await Assert.ThrowsAnyAsync<JsonException>(() => sandbox.GetAsync(path));
        var slow = faults.Add(FaultKind.GetSlow);
        var held = StatusCodeAsync(sandbox, path);
        await slow.Reached.WaitAsync(Ct);
        Assert.False(held.IsCompleted);
        slow.Release();
        Assert.Equal(200, await held);
        Assert.True(sandbox.Server.Stats.PollsOf(Id(created)) >= 8);
    }

    [Fact]
    public async Task Lists_and_cancelling_fail_as_well()
    {
        await using var sandbox = await AtFullSpeedAsync();
        await sandbox.RunAsync();
        var faults = sandbox.Server.Faults;
        faults.Add(FaultKind.ListEmpty);
        Assert.Equal(0, (await sandbox.GetAsync("v1/predictions")).GetProperty("results").GetArrayLength());
        faults.Add(FaultKind.ListWithoutInput);
        var row = (await sandbox.GetAsync("v1/predictions")).GetProperty("results")[0];
        Assert.False(row.TryGetProperty("input", out _));
        Assert.False(row.TryGetProperty("output", out _));
        faults.Add(FaultKind.ListError);
        Assert.Equal(500, await StatusCodeAsync(sandbox, "v1/predictions"));

        faults.Add(FaultKind.RunStuck);
        var stuck = await sandbox.CreateAsync();
        faults.Add(FaultKind.CancelError);
        using (var failed = await sandbox.Http.PostAsync($"v1/predictions/{Id(stuck)}/cancel", null, Ct))
            Assert.Equal(500, (int)failed.StatusCode);
        faults.Add(FaultKind.CancelIgnored);
        Assert.NotEqual("canceled", Status(await sandbox.CancelAsync(stuck)));
        Assert.Equal("canceled", Status(await sandbox.CancelAsync(stuck)));
    }

    private static async Task<int> StatusCodeAsync(SandboxDriver sandbox, string path)
    {
        using var response = await sandbox.Http.GetAsync(path, Ct);
        return (int)response.StatusCode;
    }

    private static Task<JsonElement> EndOfAsync(SandboxDriver sandbox, JsonElement prediction) =>
        StatusAsync(sandbox, prediction, "succeeded");

    private static async Task<JsonElement> StatusAsync(SandboxDriver sandbox, JsonElement prediction, string status)
    {
        for (var i = 0; i < 500; i++)
        {
            var seen = await sandbox.LookAsync(prediction);
            if (Status(seen) == status)
                return seen;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
        }
        throw new TimeoutException($"{Id(prediction)} did not become {status}.");
    }
}
