using System.Diagnostics;
using GenApi.Sandbox.Control;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using Microsoft.Data.Sqlite;

namespace GenApi.Tests.Generations;

/// <summary>
/// Kills the real process (kill -9) in each window of a generation's life, and starts a new one on the same folder. The same generation
/// finishes, and it was created once. The sandbox, or a lock on the database file, holds the windows open from outside.
/// </summary>
[OnlyOnSqlite]
[OnlyOnDisk]
public sealed class CrashTests
{
    private static readonly Dictionary<string, string?> Settings = new() { ["Generations:SettleSeconds"] = "0.5" };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Before_the_intent()
    {
        await using var app = await GenApiApp.StartProcessAsync(Settings);
        await KnowTheModelAsync(app);
        // The row is there and waits for the in-flight limit, so nothing was sent.
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateThrottled) { Times = null, Delay = TimeSpan.FromMinutes(10) });
        var id = (await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"))).Id;
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.CreationAttempts > 1, Ended);

        await KillAndFinishAsync(app, id);
    }

    [Fact]
    public async Task After_the_intent_with_the_request_on_its_way()
    {
        await using var app = await GenApiApp.StartProcessAsync(Settings);
        await KnowTheModelAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.CreateSlowBefore);
        var id = (await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"))).Id;
        await held.Reached.WaitAsync(Ended);

        await KillAndFinishAsync(app, id);
    }

    [Fact]
    public async Task During_the_POST_with_the_prediction_made()
    {
        await using var app = await GenApiApp.StartProcessAsync(Settings);
        await KnowTheModelAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.CreateSlowAfter);
        var id = (await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"))).Id;
        await held.Reached.WaitAsync(Ended);

        await KillAndFinishAsync(app, id);
    }

    [Fact]
    public async Task Answered_but_not_saved()
    {
        await using var app = await GenApiApp.StartProcessAsync(Settings);
        await KnowTheModelAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.CreateSlowAfter);
        var id = (await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"))).Id;
        await held.Reached.WaitAsync(Ended);

        await using (await LockAsync(app))
        {
            // The answer comes and can't be saved.
            held.Release();
            await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations == 2, Ended);
            await app.KillAsync();
        }
        await FinishAsync(app, id);
    }

    [Fact]
    public async Task Saved_and_running()
    {
        await using var app = await GenApiApp.StartProcessAsync(Settings);
        await KnowTheModelAsync(app);
        var running = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var id = (await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"))).Id;
        await running.Reached.WaitAsync(Ended);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.PollsOf(stats.CreatedIds[^1]) > 0, Ended);

        await app.KillAsync();
        running.Release();
        await FinishAsync(app, id);
    }

    [Fact]
    public async Task In_the_middle_of_a_download()
    {
        await using var app = await GenApiApp.StartProcessAsync(Settings);
        await KnowTheModelAsync(app);
        var slow = app.Sandbox.Faults.Add(FaultKind.FileSlow);
        var id = (await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"))).Id;
        await slow.Reached.WaitAsync(Ended);

        await KillAndFinishAsync(app, id);
        Assert.Empty(Directory.GetFiles(Temp(app)));
    }

    /// <summary>
    /// A complete file is used, whatever the upstream says by then. A damaged one is fetched again.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_the_rename_and_before_the_row(bool upstreamHasLostIt)
    {
        await using var app = await GenApiApp.StartProcessAsync(Settings);
        await KnowTheModelAsync(app);
        var slow = app.Sandbox.Faults.Add(FaultKind.FileSlow);
        var id = (await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"))).Id;
        await slow.Reached.WaitAsync(Ended);
        var before = Blobs(app).Length;

        await using (await LockAsync(app))
        {
            slow.Release();
            while (Blobs(app).Length == before)
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ended);
            await app.KillAsync();
        }
        var kept = Assert.Single(Directory.GetFiles(Temp(app)));
        if (upstreamHasLostIt)
            app.Sandbox.Faults.Add(new Fault(FaultKind.FileVanished) { Times = null });
        else
            await DamageAsync(kept);
        await FinishAsync(app, id);
        Assert.Equal(before + 1, Blobs(app).Length);
        Assert.Empty(Directory.GetFiles(Temp(app)));
    }

    /// <summary>The process claims them by the hundred, and leaves none behind.</summary>
    [Fact]
    public async Task More_under_way_than_are_claimed_together()
    {
        const int count = 120;
        await using var app = await GenApiApp.StartProcessAsync(
            new Dictionary<string, string?>(Settings) { ["Replicate:MaxInFlight"] = "200", ["Replicate:CreationsPerMinute"] = "100000" });
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunHeldProcessing) { Times = null });
        for (var seed = 1; seed <= count; seed++)
            await app.GenerateAsync(Requests.Small(seed), ("Prefer", "respond-async"));
        await UntilAsync(app, """SELECT count(*) FROM "Generations" WHERE "PredictionId" IS NOT NULL""", count);

        await app.KillAsync();
        await Damage.ExecuteAsync(app, """UPDATE "Generations" SET "Lease_Owner" = 'before'""");
        await app.StartAgainAsync();

        await UntilAsync(app, """SELECT count(*) FROM "Generations" WHERE "Lease_Owner" <> 'before'""", count);
        Assert.Equal(count, app.Sandbox.Stats.Creations);
    }

    /// <summary>
    /// The process is killed after an owner had deleted a generation and before it was removed, with bytes staged for a run that has ended.
    /// </summary>
    [Fact]
    public async Task What_a_kill_left_to_be_taken_away()
    {
        await using var app = await GenApiApp.StartProcessAsync(Settings);
        await KnowTheModelAsync(app);
        await app.KillAsync();
        await Damage.ExecuteAsync(app, """UPDATE "Generations" SET "DeleteRequestedAt" = "CompletedAt" """);
        await File.WriteAllTextAsync(Path.Combine(Temp(app), new string('a', 32) + "-0.kept"), "bytes", Ended);

        await app.StartAgainAsync();

        await UntilAsync(app, """SELECT count(*) FROM "Generations" """, 0);
        for (var since = Stopwatch.GetTimestamp(); Blobs(app).Length + Directory.GetFiles(Temp(app)).Length > 0;)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, "Files are left.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        }
    }

    [Fact]
    public async Task What_was_asked_of_a_sandbox_is_not_asked_of_Replicate()
    {
        await using var app = await GenApiApp.StartProcessAsync(Settings);
        await KnowTheModelAsync(app);
        var running = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var id = (await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"))).Id;
        await running.Reached.WaitAsync(Ended);
        await app.KillAsync();
        await Damage.ExecuteAsync(app, """UPDATE "Generations" SET "Upstream" = 'sandbox' WHERE "CompletedAt" IS NULL""");

        await app.StartAgainAsync();

        var ended = await Requests.EndedAsync(app, id);
        Assert.Equal(("failed", "upstream_unavailable"), (ended.State, ended["error", "code"].GetString()));
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        Assert.Equal(2, await Damage.ExecuteAsync(app, """SELECT count(*) FROM "UsageEntries" """));
    }

    [Fact]
    public async Task Many_at_random_moments()
    {
        await using var app = await GenApiApp.StartProcessAsync(Settings, new SandboxOptions { Speed = 20 });
        await KnowTheModelAsync(app);
        var made = app.Sandbox.Stats.Creations;
        var random = new Random(20260713);
        var ids = new List<string>();
        for (var kill = 0; kill < 2; kill++)
        {
            for (var each = 0; each < 10; each++)
                ids.Add((await app.GenerateAsync(Requests.Small(1000 + ids.Count), ("Prefer", "respond-async"))).Id);
            var after = app.Sandbox.Stats.Creations + random.Next(0, 4);
            await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations >= Math.Min(after, made + ids.Count), Ended);
            await app.KillAsync();
            await app.StartProcessAgainAsync();
        }

        foreach (var id in ids)
            await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
        Assert.Equal(made + ids.Count, app.Sandbox.Stats.Creations);
    }

    /// <summary>
    /// Makes one generation before the fault, so that the model is known and the sandbox warm. It counts as one creation.
    /// </summary>
    private static async Task KnowTheModelAsync(GenApiApp app) =>
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(999)));

    private static async Task KillAndFinishAsync(GenApiApp app, string id)
    {
        await app.KillAsync();
        app.Sandbox.Faults.Clear();
        await FinishAsync(app, id);
    }

    private static async Task FinishAsync(GenApiApp app, string id)
    {
        await app.StartAgainAsync();
        var ended = await Requests.EndedAsync(app, id);
        await Requests.AssertWholeAsync(app, ended);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        Assert.Equal(app.Sandbox.Stats.CreatedIds[^1], ended["prediction_id"].GetString());
    }

    private static async Task UntilAsync(GenApiApp app, string query, long wanted)
    {
        for (var since = Stopwatch.GetTimestamp(); await Damage.ExecuteAsync(app, query) is var count && count != wanted;)
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"{count} instead of {wanted}: {query}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        }
    }

    private static string Temp(GenApiApp app) => Path.Combine(app.DataDirectory, "blobs", "tmp");

    /// <summary>Damages the staged file. The blob has the same bytes under another name, and stays as it is.</summary>
    private static async Task DamageAsync(string path)
    {
        var bytes = await File.ReadAllBytesAsync(path, Ended);
        File.Delete(path);
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)], Ended);
    }

    private static string[] Blobs(GenApiApp app) =>
        [
            .. Directory.GetFiles(Path.Combine(app.DataDirectory, "blobs"), "*", SearchOption.AllDirectories)
                .Where(file => !file.Contains("blobs/tmp/", StringComparison.Ordinal)),
        ];

    /// <summary>Locks the database. No other connection can write until it is disposed.</summary>
    private static async Task<SqliteConnection> LockAsync(GenApiApp app)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(app.DataDirectory, "genapi.db")};Pooling=False");
        await connection.OpenAsync(Ended);
        await using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        await begin.ExecuteNonQueryAsync(Ended);
        return connection;
    }
}
