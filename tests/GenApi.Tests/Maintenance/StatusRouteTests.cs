using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Maintenance;

/// <summary><c>GET /status</c>: the state of the running service, for administrators.</summary>
public sealed class StatusRouteTests
{
    [Fact]
    public async Task An_administrator_sees_what_the_verb_shows_and_what_bounds_the_store()
    {
        var began = TimeProvider.System.GetUtcNow().UtcDateTime;
        await using var app = await Keys.StartAsync(
            new() { ["Upkeep:KeepDays"] = "30", ["Upkeep:MaxBytes"] = "1000000000", ["Replicate:MaxInFlight"] = "1" });
        await app.GenerateAsync(Requests.Small(1), Keys.AsAdmin);
        await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/fails" }, Keys.AsAdmin);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Requests.Small(2), Keys.AsAdmin, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        await app.GenerateAsync(Requests.Small(3), Keys.AsAdmin, ("Prefer", "respond-async"));

        var status = await app.GetAsync("/status", Keys.AsAdmin);

        Assert.Equal(200, status.Status);
        Assert.Equal("no-store", status.Header("Cache-Control"));
        Assert.Equal("1.0.0", status["version"].GetString());
        Assert.InRange(status["started_at"].GetDateTime(), began, TimeProvider.System.GetUtcNow().UtcDateTime);
        Assert.Equal(("replicate", "set", "not refused"), (
            status["upstream", "name"].GetString(), status["upstream", "token"].GetString(), status["upstream", "credit"].GetString()));
        Assert.Equal((1, 1), (status["work", "in_flight"].GetInt32(), status["work", "queued"].GetInt32()));
        Assert.Equal(1, status["failures", "upstream_failed"].GetInt32());
        Assert.Equal((1, 30, 1_000_000_000), (
            status["store", "files"].GetInt32(), status["store", "keep_days"].GetInt32(), status["store", "max_bytes"].GetInt64()));
        Assert.True(status["store", "free_bytes"].GetInt64() > 0);
        held.Release();
    }

    [Fact]
    public async Task An_administrator_sees_the_last_check()
    {
        await using var app = await Keys.StartAsync();
        Assert.Equal(0, (await app.VerbAsync("fsck")).ExitCode);

        var status = await app.GetAsync("/status", Keys.AsAdmin);

        Assert.Equal("sound", status["last_fsck", "outcome"].GetString());
        Assert.Equal(JsonValueKind.Null, status["last_backup", "at"].ValueKind);
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task An_administrator_sees_the_last_backup()
    {
        await using var app = await Keys.StartAsync();
        Assert.Equal(0, (await app.VerbAsync("backup", Path.Combine(app.Folder, "monday"))).ExitCode);

        var status = await app.GetAsync("/status", Keys.AsAdmin);

        Assert.Equal("sound", status["last_backup", "outcome"].GetString());
        Assert.Equal(Path.Combine(app.Folder, "monday"), status["last_backup", "folder"].GetString());
        Assert.Equal(JsonValueKind.Null, status["last_fsck", "at"].ValueKind);
    }

    [Fact]
    public async Task Without_bounds_and_with_a_trouble_it_says_so()
    {
        await using var app = await Keys.StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateRefused) { Status = 401 });
        await app.GenerateAsync(Requests.Small(1), Keys.AsAdmin);

        var status = await app.GetAsync("/status", Keys.AsAdmin);

        Assert.Equal(JsonValueKind.Null, status["store", "max_bytes"].ValueKind);
        Assert.Equal(JsonValueKind.Null, status["store", "keep_days"].ValueKind);
        Assert.Equal(("warn", "refused"), (status["health"].GetString(), status["upstream", "token"].GetString()));
        Assert.StartsWith("upstream: ", Assert.Single(status["troubles"].EnumerateArray()).GetString(), StringComparison.Ordinal);
    }
}
