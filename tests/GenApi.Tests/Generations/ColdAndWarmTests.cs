using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence;
using GenApi.Sandbox.Control;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Generations;

/// <summary>Tests what GenApi learns of a model's times from its runs, and what outlives them.</summary>
public sealed class ColdAndWarmTests
{
    private const string Sdxl = "stability-ai/sdxl";
    private const string Version = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_start_that_had_to_boot_is_told_as_cold_while_it_runs_and_after()
    {
        // It boots for three seconds before every run.
        await using var app = await GenApiApp.StartAsync(sandbox: new SandboxOptions { Speed = 10 });
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await app.GenerateAsync(
            new { prompt = "a fox", model = "sandbox/cold", width = 64, height = 64 }, ("Prefer", "respond-async"));
        Assert.Equal("null", made["timing", "cold_start"].GetRawText());
        await held.Reached.WaitAsync(Ended);

        var running = await UntilAsync(app, made.Id, "processing");
        held.Release();
        var ended = await Requests.EndedAsync(app, made.Id);

        Assert.All([running, ended], answer => Assert.True(answer["timing", "cold_start"].GetBoolean()));
        Assert.InRange(ended["timing", "starting_seconds"].GetDouble(), 3, 4);
        var timings = await TimingsAsync(app, "sandbox/cold", null);
        Assert.Equal((1, 1, null), (timings.Runs, timings.ColdStart?.Runs, timings.WarmStart));
    }

    [Fact]
    public async Task A_warm_start_is_told_as_one_and_a_run_that_never_started_as_neither()
    {
        await using var app = await GenApiApp.StartAsync();

        Assert.False((await app.GenerateAsync(Requests.Small(1)))["timing", "cold_start"].GetBoolean());
        var refused = await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/aborts" });
        var aborted = await app.GetAsync($"/generations/{refused["generation_id"].GetString()}");
        Assert.Equal("null", aborted["timing", "cold_start"].GetRawText());
        Assert.Equal(new ModelTimings(Warmth.Unknown, null, 0, null, null, null), await TimingsAsync(app, "sandbox/aborts", null));
    }

    [Fact]
    public async Task What_was_learnt_outlives_the_service_and_the_generations()
    {
        await using var app = await GenApiApp.StartAsync(sandbox: new SandboxOptions { Speed = 100 });
        for (var seed = 1; seed <= 3; seed++)
        {
            var made = await app.GenerateAsync(Requests.Small(seed));
            await app.DeleteAsync($"/generations/{made.Id}");
        }
        app.Sandbox.Faults.Add(FaultKind.RunFails);
        await app.GenerateAsync(Requests.Small(4));
        var before = await TimingsAsync(app, Sdxl, Version);

        await app.RestartAsync();
        var after = await TimingsAsync(app, Sdxl, Version);

        // The failed one started like the others, but its length says nothing.
        Assert.Equal((4, Warmth.Warm), (before.Runs, before.State));
        Assert.Equal(before, after);
        Assert.Equal(0.0385, after.Predict!.MedianSeconds, 4);
        Assert.NotNull(after.LastRunAt);
        Assert.Equal(0, (await TimingsAsync(app, Sdxl, null)).Runs);
    }

    [Fact]
    public async Task No_more_rows_are_kept_than_are_looked_at()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Replicate:CreationsPerMinute"] = "6000" });
        await Task.WhenAll(Enumerable.Range(1, 210).Select(seed => app.GenerateAsync(Requests.Small(seed))));

        var contexts = app.Services.GetRequiredService<IDbContextFactory<GenApiDbContext>>();
        await using var db = await contexts.CreateDbContextAsync(Ended);

        Assert.InRange(await db.Set<ModelRun>().CountAsync(Ended), RunHistory.Remembered, 2 * RunHistory.Remembered);
        Assert.Equal(RunHistory.Remembered, (await TimingsAsync(app, Sdxl, Version)).Runs);
    }

    private static ValueTask<ModelTimings> TimingsAsync(GenApiApp app, string model, string? version) =>
        app.Services.GetRequiredService<ModelTimes>().OfAsync(model, version, Ended);

    /// <summary>Follows the events, so that the test waits no longer than necessary.</summary>
    private static async Task<Answer> UntilAsync(GenApiApp app, string id, string status)
    {
        using var events = await app.Client.GetAsync(
            new Uri($"/generations/{id}/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Ended);
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(Ended));
        while (await lines.ReadLineAsync(Ended) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal) && line.Contains($"\"status\":\"{status}\"", StringComparison.Ordinal))
                return await app.GetAsync($"/generations/{id}");
        }
        throw new InvalidOperationException($"{id} never was {status}.");
    }
}
