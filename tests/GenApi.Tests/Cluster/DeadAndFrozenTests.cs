using System.Diagnostics;
using System.Globalization;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Persistence;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Cluster;

/// <summary>Tests what becomes of the work of an instance that is killed, or frozen for longer than its lease and then goes on.</summary>
public sealed class DeadAndFrozenTests
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Cluster:LeaseSeconds"] = "2",
        ["Generations:SettleSeconds"] = "0.5",
        ["Replicate:CreationsPerMinute"] = "1000000",
        ["Replicate:ReadsPerMinute"] = "1000000",
        ["Replicate:MaxInFlight"] = "1000",
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary><c>GENAPI_IN_FLIGHT=300</c> kills an instance with three hundred runs.</summary>
    [Fact(Explicit = true)]
    public async Task The_runs_of_a_killed_instance_go_on_at_another_and_callers_who_wait_there_notice_nothing()
    {
        Instances.Require();
        var many = int.Parse(Environment.GetEnvironmentVariable("GENAPI_IN_FLIGHT") ?? "30", CultureInfo.InvariantCulture);
        await using var instances = await Instances.StartAsync(1, Settings, areProcesses: true);
        var held = instances.Sandbox.Faults.Add(FaultKind.RunHeldProcessing, times: many);
        var ids = await Task.WhenAll(Enumerable.Range(1, many).Select(async seed =>
            (await instances[0].GenerateAsync(Requests.Small(seed), Keys.AsAdmin, ("Prefer", "respond-async"))).Id));
        await instances.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations == many, Ended);
        var other = await instances.AddAsync();
        var waiting = ids.Select(id => other.GetAsync($"/generations/{id}", Keys.AsAdmin, ("Prefer", "wait=60"))).ToList();
        await OwnersAsync(instances, many, 1);

        await instances[0].KillAsync();
        held.Release();
        var since = Stopwatch.GetTimestamp();
        var ended = await Task.WhenAll(waiting);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{many} in flight: all ended {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s after the kill");
        Assert.All(ended, answer => Assert.Equal("succeeded", answer.State));
        Assert.InRange(Stopwatch.GetElapsedTime(since).TotalSeconds, 0, 15);
        Assert.Equal((many, many), (instances.Sandbox.Stats.Creations, instances.Sandbox.Stats.CreationAttempts));
        await Requests.AssertWholeAsync(other, await KeyedAsync(other, ids[^1]));
    }

    [Fact(Explicit = true)]
    public async Task An_instance_that_wakes_after_its_lease_sends_nothing_and_writes_nothing_in_whichever_step_it_was_frozen()
    {
        Instances.Require();
        var server = await PostgresServer.SharedAsync();
        await using var proxy = new TcpProxy(server.Port);
        await using var instances = await Instances.StartAsync(0, Settings, areProcesses: true);
        // The proxy reads statements, and one that is prepared passes without its text.
        var frozen = await instances.AddAsync(proxy.Port, more: ";Max Auto Prepare=0");
        var sandbox = instances.Sandbox;
        // One generation in each step: while it runs, while a file comes, and while the answer to the POST is on its way.
        var running = await HoldAsync(FaultKind.RunHeldProcessing, 1);
        var storing = await HoldAsync(FaultKind.FileSlow, 2);
        var sent = await HoldAsync(FaultKind.CreateSlowAfter, 3);
        // The last one is between the commit of its intent and the POST: the instance does not know yet that the commit is done.
        var intent = proxy.HoldAfter("\"SubmittingAt\" = $", "COMMIT");
        var between = (await frozen.GenerateAsync(Requests.Small(4), Keys.AsAdmin, ("Prefer", "respond-async"))).Id;
        await intent.Reached.WaitAsync(TimeSpan.FromSeconds(20), Ended);
        // The server has the COMMIT, and may still be working on it.
        await UntilAsync(
            () => instances.Store.ExecuteAsync("SELECT count(*) FROM Generations WHERE Seed = 4 AND SubmittingAt IS NOT NULL"), 1);
        var owner = (await instances.Store.QueryAsync("SELECT Id FROM Instances")).Single();
        await SignalAsync(frozen.Process, "STOP");

        var other = await instances.AddAsync();
        await UntilAsync(() => instances.Store.ExecuteAsync($"SELECT count(*) FROM Generations WHERE Lease_Owner = '{owner}'"), 0);
        sandbox.Faults.Clear();
        string[] ids = [running, storing, sent];
        var ended = await Task.WhenAll(ids.Select(id => EndedAsync(other, id)));
        Assert.All(ended, answer => Assert.Equal("succeeded", answer.State));
        var (rows, changes) = (await RowsAsync(instances), await ChangesAsync(instances, owner));

        intent.Release();
        await SignalAsync(frozen.Process, "CONT");
        // It has another lease once it counts as ready.
        await UntilAsync(async () => (await frozen.GetAsync("/health/ready")).Status, 200);
        var after = await Task.WhenAll(ids.Select(id => KeyedAsync(frozen, id)));

        Assert.True(sandbox.Stats.CreationAttempts == 3, string.Join('\n', sandbox.Stats.CreationRequests));
        Assert.Equal(rows, await RowsAsync(instances));
        Assert.Equal(changes, await ChangesAsync(instances, owner));
        Assert.Equal(ended.Select(PredictionOf), after.Select(PredictionOf));
        // Nobody sends the last one again before it is sure that nothing came of it.
        Assert.Equal("queued", (await KeyedAsync(other, between)).State);
        foreach (var answer in after)
            await Requests.AssertWholeAsync(other, answer);

        async Task<string> HoldAsync(FaultKind kind, int seed)
        {
            var fault = sandbox.Faults.Add(kind);
            var made = await frozen.GenerateAsync(Requests.Small(seed), Keys.AsAdmin, ("Prefer", "respond-async"));
            Assert.True(made.Status == 202, made.Text);
            await fault.Reached.WaitAsync(TimeSpan.FromSeconds(20), Ended);
            return made.Id;
        }
    }

    /// <summary>What is stored about the generations; only the one that is unconfirmed may still be searched for.</summary>
    private static async Task<string> RowsAsync(Instances instances) => string.Join('\n', await instances.Store.QueryAsync(
        "SELECT Seed, Status, PredictionId, Revision, CompletedAt FROM Generations WHERE Seed < 4 ORDER BY Seed"));

    private static Task<long> ChangesAsync(Instances instances, string source) => instances.Store.ExecuteAsync(
        $"SELECT count(*) FROM Changes WHERE Source = '{source}'");

    private static Task OwnersAsync(Instances instances, int rows, int owners) => UntilAsync(
        async () => (await instances.Store.QueryAsync(
            "SELECT count(*), count(DISTINCT Lease_Owner) FROM Generations WHERE Lease_Owner IS NOT NULL AND PredictionId IS NOT NULL"))[0],
        $"{rows}|{owners}");

    private static async Task UntilAsync<T>(Func<Task<T>> read, T wanted)
    {
        for (var since = Stopwatch.GetTimestamp(); await read() is var value && !Equals(value, wanted);)
        {
            Assert.True(Stopwatch.GetElapsedTime(since).TotalSeconds < 20, $"{value} instead of {wanted}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        }
    }

    private static string? PredictionOf(Answer answer) => answer["prediction_id"].GetString();

    private static Task<Answer> KeyedAsync(GenApiApp app, string id) => app.GetAsync($"/generations/{id}", Keys.AsAdmin);

    private static Task<Answer> EndedAsync(GenApiApp app, string id) =>
        app.GetAsync($"/generations/{id}", Keys.AsAdmin, ("Prefer", "wait=30"));

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Ended);
    }
}
