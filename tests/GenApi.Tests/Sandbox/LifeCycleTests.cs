using System.Text.Json.Nodes;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

public sealed class LifeCycleTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prediction_starts_boots_runs_and_succeeds()
    {
        await using var sandbox = await ByFakeClockAsync();
        var created = await sandbox.CreateAsync();
        Assert.Equal("starting", Status(created));
        Assert.Matches("^[0-9a-hjkmnp-tv-z]{26}$", Id(created));
        Assert.Equal("stability-ai/sdxl", created.GetProperty("model").GetString());
        Assert.Equal(SdxlVersion, created.GetProperty("version").GetString());
        Assert.Equal("", created.GetProperty("logs").GetString());
        Assert.False(created.TryGetProperty("started_at", out _));

        sandbox.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("starting", Status(await sandbox.LookAsync(created)));

        sandbox.Time.Advance(TimeSpan.FromSeconds(3));
        var running = await sandbox.LookAsync(created);
        Assert.Equal("processing", Status(running));
        Assert.Matches(
            @"^Using seed: 42\nPrompt: a quiet lake\ntxt2img mode\n  0%\|          \| 0/50 \[00:00<\?, \?it/s\]\n",
            running.GetProperty("logs").GetString());
        Assert.Contains("/50 [00:01<00:0", running.GetProperty("logs").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("100%", running.GetProperty("logs").GetString(), StringComparison.Ordinal);

        sandbox.Time.Advance(TimeSpan.FromSeconds(3));
        var ended = await sandbox.LookAsync(created);
        Assert.Equal("succeeded", Status(ended));
        Assert.Contains("100%|██████████| 50/50 [", ended.GetProperty("logs").GetString(), StringComparison.Ordinal);
        Assert.Equal(3.85, ended.GetProperty("metrics").GetProperty("predict_time").GetDouble(), 3);
        Assert.Equal(7.91, ended.GetProperty("metrics").GetProperty("total_time").GetDouble(), 3);
        Assert.Equal("2026-01-02T03:04:12.910000Z", ended.GetProperty("completed_at").GetString());
        Assert.Single(ended.GetProperty("output").EnumerateArray());
    }

    [Fact]
    public async Task A_clock_that_jumps_gives_the_same_history_as_one_that_walks()
    {
        await using var sandbox = await ByFakeClockAsync();
        var created = await sandbox.CreateAsync();
        sandbox.Time.Advance(TimeSpan.FromMinutes(20));
        var ended = await sandbox.LookAsync(created);
        Assert.Equal("succeeded", Status(ended));
        Assert.Equal(7.91, ended.GetProperty("metrics").GetProperty("total_time").GetDouble(), 3);
    }

    [Fact]
    public async Task A_model_is_warm_until_it_has_idled()
    {
        await using var sandbox = await ByFakeClockAsync();
        await sandbox.CreateAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));

        var warm = await sandbox.CreateAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("processing", Status(await sandbox.LookAsync(warm)));

        sandbox.Time.Advance(TimeSpan.FromMinutes(6));
        var cold = await sandbox.CreateAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("starting", Status(await sandbox.LookAsync(cold)));
    }

    [Fact]
    public async Task At_full_speed_a_creation_is_answered_as_starting_and_ends_at_once()
    {
        await using var sandbox = await AtFullSpeedAsync();
        Assert.Equal("starting", Status(await sandbox.CreateAsync()));
        var ended = await sandbox.RunAsync(model: "black-forest-labs/flux-schnell", input: new JsonObject { ["prompt"] = "x" });
        Assert.Equal("succeeded", Status(ended));
        Assert.Equal("hidden", ended.GetProperty("version").GetString());
    }

    [Fact]
    public async Task Waiting_ends_with_the_run_or_with_the_time_asked_for()
    {
        await using var sandbox = await ByFakeClockAsync();
        var waiting = sandbox.PostAsync(SmallPicture(), model: "sandbox/slow", prefer: "wait=10");
        await sandbox.Server.Stats.WaitUntilAsync(s => s.Creations == 1, Ct);
        await AdvanceUntilAsync(sandbox, waiting);
        using var early = await waiting;
        Assert.Equal("wait=10", early.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal("processing", Status(await ReadAsync(early)));

        var patient = sandbox.PostAsync(SmallPicture(), model: "sandbox/slow", prefer: "wait");
        await sandbox.Server.Stats.WaitUntilAsync(s => s.Creations == 2, Ct);
        await AdvanceUntilAsync(sandbox, patient);
        using var late = await patient;
        Assert.Equal("wait", late.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal("succeeded", Status(await ReadAsync(late)));
    }

    [Fact]
    public async Task Cancelling_ends_a_run_and_leaves_an_ended_one_alone()
    {
        await using var sandbox = await ByFakeClockAsync();
        var created = await sandbox.CreateAsync(model: "sandbox/slow");
        sandbox.Time.Advance(TimeSpan.FromSeconds(12.5));
        var canceled = await sandbox.CancelAsync(created);
        Assert.Equal("canceled", Status(canceled));
        Assert.Null(canceled.GetProperty("error").GetString());
        Assert.Contains("40%", canceled.GetProperty("logs").GetString(), StringComparison.Ordinal);

        var other = await sandbox.CreateAsync(model: "sandbox/slow");
        sandbox.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("succeeded", Status(await sandbox.CancelAsync(other)));
        Assert.Equal(2, sandbox.Server.Stats.Cancels);
    }

    [Theory]
    [InlineData("5", 5)]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("1h30m45s", 5445)]
    [InlineData("24h", 86400)]
    public async Task Cancel_After_is_shown_as_a_deadline(string value, int seconds)
    {
        await using var sandbox = await ByFakeClockAsync();
        var created = await sandbox.CreateAsync(cancelAfter: value);
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            created.GetProperty("deadline").GetDateTimeOffset() - created.GetProperty("created_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task The_deadline_aborts_what_has_not_started_and_cancels_what_has()
    {
        await using var sandbox = await ByFakeClockAsync();
        var booting = await sandbox.CreateAsync(model: "sandbox/cold", cancelAfter: "10");
        var running = await sandbox.CreateAsync(model: "sandbox/slow", cancelAfter: "10");
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("aborted", Status(await sandbox.LookAsync(booting)));
        Assert.Equal("canceled", Status(await sandbox.LookAsync(running)));
    }

    [Fact]
    public async Task Data_and_files_are_gone_after_an_hour()
    {
        await using var sandbox = await ByFakeClockAsync();
        var created = await sandbox.CreateAsync();
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));
        var file = FirstFile(await sandbox.LookAsync(created));
        using (var there = await sandbox.Http.GetAsync(file, Ct))
            Assert.Equal(200, (int)there.StatusCode);

        sandbox.Time.Advance(TimeSpan.FromHours(1));
        var late = await sandbox.LookAsync(created);
        Assert.Equal("succeeded", Status(late));
        Assert.True(late.GetProperty("data_removed").GetBoolean());
        Assert.Null(late.GetProperty("output").GetString());
        Assert.Empty(late.GetProperty("input").EnumerateObject());
        Assert.Equal("", late.GetProperty("logs").GetString());
        using var gone = await sandbox.Http.GetAsync(file, Ct);
        Assert.Equal(404, (int)gone.StatusCode);
    }

    [Theory]
    [InlineData("sandbox/fails", "failed", "sandbox/fails always fails")]
    [InlineData("sandbox/refuses", "failed", "NSFW content detected")]
    [InlineData("sandbox/empty", "succeeded", null)]
    [InlineData("sandbox/aborts", "aborted", null)]
    public async Task The_test_models_end_as_they_promise(string model, string status, string? error)
    {
        await using var sandbox = await AtFullSpeedAsync();
        var ended = await sandbox.RunAsync(model: model);
        Assert.Equal(status, Status(ended));
        Assert.Null(ended.GetProperty("output").GetString());
        Assert.Contains(error ?? "", ended.GetProperty("error").GetString() ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(3, 2)]
    [InlineData(1, 1)]
    public async Task The_partial_model_gives_half(int asked, int given)
    {
        await using var sandbox = await AtFullSpeedAsync();
        var input = SmallPicture();
        input["num_outputs"] = asked;
        var ended = await sandbox.RunAsync(input, "sandbox/partial");
        Assert.Equal(given, ended.GetProperty("output").GetArrayLength());
    }

    [Fact]
    public async Task A_thousand_runs_in_flight_end_in_time()
    {
        await using var sandbox = await ByFakeClockAsync();
        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Ct }, async (n, _) =>
            await sandbox.CreateAsync(SmallPicture(seed: n + 1), model: "sandbox/slow"));
        sandbox.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(1000, sandbox.Server.Stats.Creations);
        Assert.Equal(1000, sandbox.Server.Stats.CreatedIds.Distinct().Count());
        foreach (var id in sandbox.Server.Stats.CreatedIds.Take(20))
            Assert.Equal("succeeded", Status(await sandbox.GetAsync($"v1/predictions/{id}")));
    }

    /// <summary>Moves the time in steps: the wait is set up a moment after the creation is counted.</summary>
    private static async Task AdvanceUntilAsync(SandboxDriver sandbox, Task done)
    {
        for (var i = 0; i < 200 && !done.IsCompleted; i++)
        {
            sandbox.Time.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
        }
    }
}
