using GenApi.Core.Maintenance.Cleanup;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;
using GenApi.Tests.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Maintenance;

/// <summary>The running service deletes unneeded data and nothing else.</summary>
public sealed class SweepTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    [OnlyOnDisk]
    public async Task Old_bytes_without_a_row_and_writes_that_never_ended_go()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Logging:LogLevel:GenApi.Core.Maintenance"] = "Information" });
        var made = await app.GenerateAsync(Requests.Small(1));
        var old = await WriteAsync(Damage.PathOf(app, new string('a', 64)), days: 2);
        var young = await WriteAsync(Damage.PathOf(app, new string('b', 64)), days: 0);
        var dead = await WriteAsync(Path.Combine(app.DataDirectory, "blobs", "tmp", "dead.part"), days: 2);
        var living = await WriteAsync(Path.Combine(app.DataDirectory, "blobs", "tmp", "living.part"), days: 0);
        File.SetLastWriteTimeUtc(Damage.BlobOf(app, made), Now.UtcDateTime.AddDays(-9));

        await app.Services.GetRequiredService<Sweeps>().RunAsync(Now, Ended);

        Assert.Equal([false, true, false, true], new[] { old, young, dead, living }.Select(File.Exists));
        await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{made.Id}"));
        Assert.Single(
            app.Logs,
            line => line.Contains("Removed 1 blobs that no row needs (8 bytes) and 1 half-written files", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bytes_without_a_row_go_when_they_are_a_day_old_wherever_they_are()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        await app.Store.Blobs.WriteAsync(new string('a', 64), "nobody's"u8.ToArray());
        var sweeps = app.Services.GetRequiredService<Sweeps>();

        await sweeps.RunAsync(Now, Ended);
        Assert.Equal(2, (await app.Store.NeededBlobsAsync()).Length);

        await sweeps.RunAsync(Now.AddHours(25), Ended);
        Assert.Equal([Damage.KeyOf(made)], await app.Store.NeededBlobsAsync());
        await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{made.Id}"));
    }

    [Fact]
    public async Task When_most_blobs_have_no_row_none_is_removed()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Logging:LogLevel:GenApi.Core.Maintenance"] = "Warning" });
        for (var at = 0; at < 101; at++)
            await app.Store.Blobs.WriteAsync(at.ToString("x2", null).PadRight(64, '0'), "nobody's"u8.ToArray());

        await app.Services.GetRequiredService<Sweeps>().RunAsync(Now.AddHours(25), Ended);

        Assert.Equal(101, (await app.Store.NeededBlobsAsync()).Length);
        Assert.Single(app.Logs, line => line.Contains("101 of 101 blobs have no row", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Idempotency_keys_that_have_expired_and_deliveries_of_last_month_go()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await GenApiApp.StartAsync(receiver.Settings);
        object Told(int seed) => new { prompt = "a red fox", seed, width = 64, height = 64, webhook = receiver.Url };
        var (one, two) = (await app.GenerateAsync(Told(1), ("Idempotency-Key", "one")),
            await app.GenerateAsync(Told(2), ("Idempotency-Key", "two")));
        await receiver.NextAsync(2);
        while (await Damage.ExecuteAsync(app, "SELECT count(*) FROM WebhookDeliveries WHERE State = 'Delivered'") < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ended);
        await Damage.ExecuteAsync(app,
            "UPDATE IdempotencyKeys SET ExpiresAt = 1 WHERE Key = 'one'; "
            + $"UPDATE WebhookDeliveries SET CreatedAt = CreatedAt - {TimeSpan.FromDays(31).Ticks} WHERE Number = 1");

        await app.Services.GetRequiredService<Sweeps>().RunAsync(Now, Ended);

        Assert.Equal(1, await Damage.ExecuteAsync(app, "SELECT count(*) FROM IdempotencyKeys WHERE Key = 'two'"));
        Assert.Equal(1, await Damage.ExecuteAsync(app, "SELECT count(*) FROM IdempotencyKeys"));
        Assert.Equal((0, 1), (await DeliveriesAsync(app, one), await DeliveriesAsync(app, two)));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task Room_that_deleted_rows_left_is_given_back_and_a_log_that_has_grown_is_emptied()
    {
        await using var app = await GenApiApp.StartAsync();
        await Damage.ExecuteAsync(app, "CREATE TABLE Junk (Bytes BLOB); INSERT INTO Junk VALUES (zeroblob(38000000)); DROP TABLE Junk");
        Assert.True(new FileInfo(Damage.Database(app) + "-wal").Length > 32 << 20);

        await app.Services.GetRequiredService<Sweeps>().TightenAsync(Ended);

        Assert.InRange(await Damage.ExecuteAsync(app, "PRAGMA freelist_count"), 0, 300);
        Assert.InRange(new FileInfo(Damage.Database(app) + "-wal").Length, 0, 4 << 20);
        Assert.InRange(new FileInfo(Damage.Database(app)).Length, 1, 4 << 20);
    }

    private static async Task<int> DeliveriesAsync(GenApiApp app, Answer made) =>
        (await app.GetAsync($"/generations/{made.Id}/deliveries"))["data"].GetArrayLength();

    private static async Task<string> WriteAsync(string path, int days)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, "nobody's", Ended);
        File.SetLastWriteTimeUtc(path, Now.UtcDateTime.AddDays(-days));
        return path;
    }
}
