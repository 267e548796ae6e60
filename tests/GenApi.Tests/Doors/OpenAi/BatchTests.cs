using GenApi.Core.Generations;
using GenApi.Core.Maintenance.Cleanup;
using GenApi.Core.Persistence;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Doors.OpenAi;

/// <summary>Tests asynchronous answers: the id of a batch, which outlives the call and the process.</summary>
public sealed class BatchTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    [Fact]
    public async Task A_batch_outlives_a_restart_and_answers_as_the_call_would_have()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var accepted = await app.PostAsync(
            ImagesDoor.Path, new { model = "sdxl", prompt = "a fox", n = 2, size = "64x64", output_format = "webp" }, Async);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(202, accepted.Status);
        Assert.Equal("respond-async", accepted.Header("Preference-Applied"));
        Assert.StartsWith("bat_", accepted.Id, StringComparison.Ordinal);
        Assert.Equal("queued", accepted.State);
        Assert.Equal($"{app.Address}v1/images/generations/{accepted.Id}", accepted.Header("Location"));
        var open = await app.GetAsync($"{ImagesDoor.Path}/{accepted.Id}");
        Assert.Equal((200, accepted.Id, "1"), (open.Status, open.Id, open.Header("Retry-After")));
        Assert.Contains(open.State, (string[])["queued", "in_progress"]);

        await app.RestartAsync();
        held.Release();
        var ended = await EndedAsync(app, accepted.Id);

        Assert.Equal((200, "completed", accepted.Id), (ended.Status, ended.State, ended.Id));
        Assert.Equal(2, ended.Data().Count);
        Assert.Equal(ImagesDoor.WebP, ended.Bytes()[..4]);
        Assert.Equal(0, ended["usage", "total_tokens"].GetInt32());
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_failed_batch_says_why()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunRefused);
        var accepted = await app.PostAsync(ImagesDoor.Path, new { model = "sdxl", prompt = "a fox", size = "64x64" }, Async);

        var ended = await EndedAsync(app, accepted.Id);

        Assert.Equal((200, "failed"), (ended.Status, ended.State));
        Assert.Equal("content_refused", ended["error", "code"].GetString());
        Assert.False(ended.Json.TryGetProperty("data", out _));
    }

    [Fact]
    public async Task A_request_that_is_refused_makes_no_batch()
    {
        await using var app = await GenApiApp.StartAsync();

        var refused = await app.PostAsync(ImagesDoor.Path, new { model = "sdxl", prompt = "a fox", cfg = 99 }, Async);

        refused.AssertError(400, "invalid_request_error", "invalid_input", "cfg");
    }

    [Fact]
    public async Task Another_account_finds_no_batch()
    {
        await using var app = await Keys.StartAsync();
        var (_, own) = await app.MakeAsync("own");
        var (_, other) = await app.MakeAsync("other");
        var accepted = await app.PostAsync(
            ImagesDoor.Path, new { model = "sdxl", prompt = "a fox", size = "64x64" }, Async, Keys.Of(own));

        Assert.Equal(200, (await app.GetAsync($"{ImagesDoor.Path}/{accepted.Id}", Keys.Of(own))).Status);
        Assert.Equal(200, (await app.GetAsync($"{ImagesDoor.Path}/{accepted.Id}", Keys.AsAdmin)).Status);
        (await app.GetAsync($"{ImagesDoor.Path}/{accepted.Id}", Keys.Of(other)))
            .AssertError(404, "invalid_request_error", "not_found", null);
    }

    [Fact]
    public async Task Ids_that_name_no_batch_are_404()
    {
        await using var app = await GenApiApp.StartAsync();
        var accepted = await app.PostAsync(ImagesDoor.Path, new { model = "sdxl", prompt = "a fox", size = "64x64" }, Async);
        var generation = accepted.Generations()[0];
        await EndedAsync(app, accepted.Id);

        Assert.Equal(404, (await app.GetAsync($"{ImagesDoor.Path}/{generation}")).Status);
        Assert.Equal(404, (await app.GetAsync($"{ImagesDoor.Path}/bat_00000000000000000000000000")).Status);
        await app.DeleteAsync($"/generations/{generation}");
        Assert.Equal(404, (await app.GetAsync($"{ImagesDoor.Path}/{accepted.Id}")).Status);
    }

    [Fact]
    public async Task The_cleanup_removes_a_batch_after_30_days_although_its_generations_stay()
    {
        await using var app = await GenApiApp.StartAsync();
        var accepted = await app.PostAsync(ImagesDoor.Path, new { model = "sdxl", prompt = "a fox", size = "64x64" }, Async);
        await EndedAsync(app, accepted.Id);

        Assert.Equal(1, await SweptAsync(daysLater: 29));
        Assert.Equal(200, (await app.GetAsync($"{ImagesDoor.Path}/{accepted.Id}")).Status);
        Assert.Equal(0, await SweptAsync(daysLater: 31));
        Assert.Equal(404, (await app.GetAsync($"{ImagesDoor.Path}/{accepted.Id}")).Status);
        Assert.Equal(200, (await app.GetAsync($"/generations/{accepted.Generations()[0]}")).Status);

        async Task<int> SweptAsync(int daysLater)
        {
            var now = TimeProvider.System.GetUtcNow().AddDays(daysLater);
            await app.Services.GetRequiredService<RowSweep>().RunAsync(now, TestContext.Current.CancellationToken);
            await using var db = await app.Services.GetRequiredService<IDbContextFactory<GenApiDbContext>>()
                .CreateDbContextAsync(TestContext.Current.CancellationToken);
            return await db.Set<GenerationBatch>().CountAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<Answer> EndedAsync(GenApiApp app, string id)
    {
        Answer seen;
        do
            seen = await app.GetAsync($"{ImagesDoor.Path}/{id}", ("Prefer", "wait=2"));
        while (seen.Status == 200 && seen.State is "queued" or "in_progress");
        return seen;
    }
}
