using System.Globalization;
using GenApi.Core.Maintenance.Cleanup;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Images;
using GenApi.Tests.Servers;
using GenApi.Tests.Uploads;
using GenApi.Tests.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Maintenance;

/// <summary>Retention by age and by size, its order, and its exceptions.</summary>
public sealed class RetentionTests
{
    private static readonly long HourTicks = TimeSpan.FromHours(1).Ticks;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task What_nobody_has_used_for_so_many_days_goes_and_what_is_used_pinned_young_or_owed_stays()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(500);
        await using var app = await GenApiApp.StartAsync(
            new(receiver.Settings) { ["Upkeep:KeepDays"] = "30", ["Logging:LogLevel:GenApi.Core.Maintenance"] = "Information" });
        var made = new List<Answer>();
        foreach (var seed in Enumerable.Range(1, 5))
            made.Add(await app.GenerateAsync(Requests.Small(seed)));
        made.Add(await app.GenerateAsync(new { prompt = "a red fox", seed = 6, width = 64, height = 64, webhook = receiver.Url }));
        await receiver.NextAsync(1);
        app.Sandbox.Faults.Add(FaultKind.RunFails);
        var failed = (await app.GenerateAsync(Requests.Small(7)))["generation_id"].GetString();
        await app.PostAsync($"/generations/{made[1].Id}/pin");
        await AgeAsync(app, TestStore.Day(-31), 2, "Seed <> 5");
        await Damage.ExecuteAsync(app, $"UPDATE Generations SET UsedOn = {TestStore.Day(-31)} WHERE Seed = 5");

        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(3))).Header("Cache-Status"));
        Assert.Equal(200, (await app.GetAsync(made[3].ImageUrl().AbsolutePath)).Status);
        var retention = app.Services.GetRequiredService<Retention>();
        // The use is not written yet, so the rows still say that nobody used it.
        await retention.ForgetUnusedAsync(Now, Ended);

        Assert.Equal([404, 200, 200, 200, 200, 200, 404], await StatusesAsync(app, [.. made.Select(each => each.Id), failed!]));
        Assert.Equal(404, (await app.GetAsync(made[0].ImageUrl().AbsolutePath)).Status);
        Assert.DoesNotContain(Damage.KeyOf(made[0]), await app.Store.NeededBlobsAsync());
        Assert.Single(app.Logs,
            line => line.Contains("Retention removed 2 generations that were not used for 30 days", StringComparison.Ordinal));
        await retention.SaveUsesAsync(Now, Ended);
        var used = $"SELECT count(*) FROM Generations WHERE UsedOn = {TestStore.Day(0)} AND Fetches = 1 AND Seed IN (3, 4)";
        Assert.Equal(2, await Damage.ExecuteAsync(app, used));

        await retention.ForgetUnusedAsync(Now, Ended);
        Assert.Equal([200, 200], await StatusesAsync(app, made[2].Id, made[3].Id));
        Assert.Equal("GenApi; fwd=miss; stored", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task A_store_that_is_too_large_loses_unused_uploads_then_the_longest_unused_then_the_least_fetched()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = new List<Answer>();
        foreach (var seed in Enumerable.Range(1, 6))
            made.Add(await app.GenerateAsync(Requests.Small(seed)));
        var (old, young) = (await app.UploadAsync(Pictures.Png(24, 24)), await app.UploadAsync(Pictures.Png(40, 40)));
        await AgeAsync(app, TestStore.Day(0), 2, "TRUE");
        await Damage.ExecuteAsync(app,
            $"UPDATE Generations SET Fetches = 9 WHERE Seed = 1; UPDATE Generations SET UsedOn = {TestStore.Day(-1)} WHERE Seed = 3; "
            + $"UPDATE Uploads SET LastUsedAt = LastUsedAt - {2 * HourTicks} WHERE Width = 24");
        string[] ids = [.. made.Select(each => each.Id)];
        var total = await BytesAsync(app);
        var stored = 0L;
        foreach (var key in await app.Store.NeededBlobsAsync())
            stored += (await app.Store.Blobs.ReadAsync(key)).Length;
        Assert.Equal(stored, total);

        await app.RestartAsync(new() { ["Upkeep:MaxBytes"] = Text(total) });
        await MakeRoomAsync(app);
        Assert.Equal([200, 200, 200, 200, 200, 200], await StatusesAsync(app, ids));

        await app.RestartAsync(new() { ["Upkeep:MaxBytes"] = Text(total - 1) });
        await MakeRoomAsync(app);
        Assert.Equal([200, 200, 404, 200, 200, 200], await StatusesAsync(app, ids));
        Assert.Equal((404, 200), ((await app.GetAsync($"/uploads/{old.Id}")).Status, (await app.GetAsync($"/uploads/{young.Id}")).Status));
        Assert.InRange(await BytesAsync(app), 1, (long)((total - 1) * 0.95));

        await app.RestartAsync(
            new() { ["Upkeep:MaxBytes"] = Text((long)((BytesOf(made[0]) + BytesOf(made[5]) + young["bytes"].GetInt64()) * 1.06)) });
        await MakeRoomAsync(app);
        Assert.Equal([200, 404, 404, 404, 404, 200], await StatusesAsync(app, ids));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task What_may_not_go_is_told_once_and_the_service_goes_on()
    {
        await using var app = await GenApiApp.StartAsync(
            new() { ["Upkeep:MaxBytes"] = "1", ["Logging:LogLevel:GenApi.Core.Maintenance"] = "Warning" });
        var pinned = await app.GenerateAsync(Requests.Small(1));
        await app.PostAsync($"/generations/{pinned.Id}/pin");
        await AgeAsync(app, TestStore.Day(0), 2, "TRUE");
        var young = await app.GenerateAsync(Requests.Small(2));

        await MakeRoomAsync(app);
        await MakeRoomAsync(app);

        Assert.Equal([200, 200], await StatusesAsync(app, pinned.Id, young.Id));
        Assert.Single(app.Logs, line => line.Contains("more than Upkeep:MaxBytes (1)", StringComparison.Ordinal));
        var ready = await app.GetAsync("/health/ready");
        Assert.Equal((200, "warn", "1"),
            (ready.Status, ready["checks", "store", "status"].GetString(), ready["checks", "store", "facts", "max_bytes"].GetString()));
        Assert.Equal(202, (await app.GenerateAsync(Requests.Small(3), ("Prefer", "respond-async"))).Status);

        Assert.Equal(204, (await app.DeleteAsync($"/generations/{pinned.Id}")).Status);
        await Requests.EndedAsync(app, (await app.GenerateAsync(Requests.Small(3))).Id);
        await AgeAsync(app, TestStore.Day(0), 2, "TRUE");
        await MakeRoomAsync(app);
        Assert.Equal(0, await BytesAsync(app));
        Assert.Equal("pass", (await app.GetAsync("/health/ready"))["checks", "store", "status"].GetString());
    }

    [Fact]
    public async Task More_than_one_step_of_rows_goes_and_every_row_that_stays_is_passed_over()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Upkeep:KeepDays"] = "1" });
        var made = await Task.WhenAll(Enumerable.Range(1, 120).Select(seed => app.GenerateAsync(Requests.Small(seed))));
        await AgeAsync(app, TestStore.Day(-3), 2, "TRUE");
        await Damage.ExecuteAsync(app, "UPDATE Generations SET IsPinned = TRUE WHERE Seed % 2 = 0");

        await app.Services.GetRequiredService<Retention>().ForgetUnusedAsync(Now, Ended);

        Assert.Equal(60, await Damage.ExecuteAsync(app, "SELECT count(*) FROM Generations WHERE Seed % 2 = 0"));
        Assert.Equal(60, await Damage.ExecuteAsync(app, "SELECT count(*) FROM Generations"));
        Assert.Equal(made.Where((_, at) => at % 2 == 1).Select(Damage.KeyOf).Distinct().Count(),
            (await app.Store.NeededBlobsAsync()).Length);
    }

    [Fact]
    public async Task The_worker_does_all_that_by_the_clock_and_writes_down_at_a_stop_what_was_used()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await GenApiApp.StartAsync(new() { ["Upkeep:KeepDays"] = "30" }, time: time);
        var made = await Task.WhenAll(MakeAsync(app, time, 1), MakeAsync(app, time, 2));
        await AgeAsync(app, TestStore.Day(-40), 2, "Seed = 1");

        time.Advance(TimeSpan.FromMinutes(1));
        while ((await app.GetAsync($"/generations/{made[0].Id}")).Status != 404)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ended);
        await app.GetAsync(made[1].ImageUrl().AbsolutePath);
        for (var minute = 0; minute < 5; minute++)
            time.Advance(TimeSpan.FromMinutes(1));
        await UntilFetchesAsync(app, 1);
        await app.GetAsync(made[1].ImageUrl().AbsolutePath);
        await app.GetAsync(made[1].ImageUrl().AbsolutePath);
        await app.StopAsync();

        Assert.Equal(3, await Damage.ExecuteAsync(app, "SELECT Fetches FROM Generations"));
    }

    private static async Task<Answer> MakeAsync(GenApiApp app, FakeTimeProvider time, int seed)
    {
        var making = app.GenerateAsync(Requests.Small(seed));
        await Clocks.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(20), () => making.IsCompleted);
        return await making;
    }

    private static async Task UntilFetchesAsync(GenApiApp app, long fetches)
    {
        while (await Damage.ExecuteAsync(app, "SELECT Fetches FROM Generations") != fetches)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ended);
    }

    /// <summary>Makes rows look as if they had ended some hours ago and were last used on that day.</summary>
    private static Task<long> AgeAsync(GenApiApp app, string day, int hours, string which) =>
        Damage.ExecuteAsync(app, $"UPDATE Generations SET UsedOn = {day}, CompletedAt = CompletedAt - {hours * HourTicks} WHERE {which}");

    private static async Task MakeRoomAsync(GenApiApp app)
    {
        await BytesAsync(app);
        await app.Services.GetRequiredService<MaintenanceWorker>().RoundAsync(Ended);
    }

    private static async Task<long> BytesAsync(GenApiApp app)
    {
        // The size is counted shortly after the start.
        long? counted;
        while ((counted = app.Services.GetRequiredService<StoreSpace>().Bytes) is null)
            await app.GetAsync("/health/live");
        return counted.Value;
    }

    private static long BytesOf(Answer made) => made["images"][0].GetProperty("bytes").GetInt64();

    private static string Text(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);

    private static async Task<List<int>> StatusesAsync(GenApiApp app, params string[] ids)
    {
        var statuses = new List<int>();
        foreach (var id in ids)
            statuses.Add((await app.GetAsync($"/generations/{id}")).Status);
        return statuses;
    }
}
