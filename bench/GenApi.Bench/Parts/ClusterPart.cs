using System.Diagnostics;
using System.Text;
using GenApi.Tests.Persistence;

namespace GenApi.Bench.Parts;

/// <summary>
/// Measures three instances on PostgreSQL and S3: how much later a caller at another instance hears of the end of a run, with and without
/// notifications, and how soon the others have the runs of a killed instance.
/// </summary>
internal static class ClusterPart
{
    private const int Waits = 100, InFlight = 300, Pixels = 64;

    /// <summary>Makes a run of some 0.2 s.</summary>
    private const double Speed = 20;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        await using var postgres = await Stores.StartPostgresAsync();
        var sandbox = await lab.StartSandboxAsync(Speed, cancellationToken);
        await WaitAsync(lab, table, postgres, sandbox, null, "with notifications", 100, cancellationToken);
        if (PostgresServer.PoolerMissing is null)
            await WaitAsync(lab, table, postgres, sandbox, await postgres.PoolerAsync(), "behind pgbouncer", 1200, cancellationToken);
        await KillAsync(lab, table, postgres, cancellationToken);
    }

    private static async Task WaitAsync(
        Lab lab, Table table, PostgresServer postgres, Server sandbox, int? port, string how, double most,
        CancellationToken cancellationToken)
    {
        var settings = await postgres.Settings(await postgres.CreateDatabaseAsync(), port).WithS3Async();
        var servers = await StartAsync(lab, sandbox, settings, how, cancellationToken);
        var late = new List<double>();
        for (var seed = 1; seed <= Waits + 5; seed++)
        {
            var id = await servers[0].AcceptAsync(Requests.Body(seed, Pixels), cancellationToken);
            var ends = await Task.WhenAll(servers.Take(2).Select(server => EndAsync(server, id, cancellationToken)));
            // The first ones compile the path.
            if (seed > 5)
                late.Add(Math.Max(0, Stopwatch.GetElapsedTime(ends[0], ends[1]).TotalMilliseconds));
        }
        table.Single(
            "cluster", $"end at A until a caller at B knows, p95, {how}", $"{late.Percentile(0.95):0} ms",
            Target.AtMost(most, late.Percentile(0.95), " ms"), $"p50 {late.Percentile(0.5):0} ms");
        foreach (var server in servers)
            await lab.StopAsync(server);
    }

    private static async Task KillAsync(Lab lab, Table table, PostgresServer postgres, CancellationToken cancellationToken)
    {
        // Runs of some 4 s: all are under way when the instance dies.
        var sandbox = await lab.StartSandboxAsync(1, cancellationToken);
        var settings = await postgres.Settings(await postgres.CreateDatabaseAsync()).WithS3Async();
        settings["Replicate__MaxInFlight"] = "1000";
        var first = (await lab.StartGenApiAsync(sandbox.BaseUrl, "killed-0", settings, cancellationToken)).Server;
        var ids = await Task.WhenAll(Enumerable.Range(1, InFlight).Select(
            seed => first.AcceptAsync(Requests.Body(seed, Pixels), cancellationToken)));
        var others = new List<Server>();
        for (var at = 1; at < 3; at++)
            others.Add((await lab.StartGenApiAsync(sandbox.BaseUrl, $"killed-{at}", settings, cancellationToken)).Server);
        var waiting = ids.Select((id, at) => EndAsync(others[at % 2], id, cancellationToken)).ToArray();
        var killed = Stopwatch.GetTimestamp();
        await lab.KillAsync(first);
        var ends = await Task.WhenAll(waiting);
        var creations = (await sandbox.StatsAsync(cancellationToken)).GetProperty("creations").GetInt32();
        if (creations != InFlight)
            throw new BenchException($"{InFlight} runs were asked for, and {creations} were made.");
        var seconds = Stopwatch.GetElapsedTime(killed, ends.Max()).TotalSeconds;
        table.Single(
            "cluster", $"kill with {InFlight} in flight until all have ended elsewhere", $"{seconds:0.0} s",
            Target.AtMost(15, seconds, " s"));
    }

    private static async Task<List<Server>> StartAsync(
        Lab lab, Server sandbox, Dictionary<string, string> settings, string name, CancellationToken cancellationToken)
    {
        var servers = new List<Server>();
        for (var at = 0; at < 3; at++)
            servers.Add((await lab.StartGenApiAsync(sandbox.BaseUrl, $"{name}-{at}", settings, cancellationToken)).Server);
        return servers;
    }

    /// <returns>When the caller knew.</returns>
    private static async Task<long> EndAsync(Server server, string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"generations/{id}");
            request.Headers.TryAddWithoutValidation("Prefer", "wait=60");
            using var answer = await server.Http.SendAsync(request, cancellationToken);
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            var at = Stopwatch.GetTimestamp();
            if (!answer.IsSuccessStatusCode)
                throw new BenchException($"A caller who waits got {(int)answer.StatusCode}: {Encoding.UTF8.GetString(bytes)}");
            var generation = Requests.Parse(bytes);
            if (generation.GetProperty("status").GetString() is { } status && status is "succeeded" or "failed" or "canceled")
                return status == "succeeded" ? at : throw new BenchException($"{id} {status}: {generation.GetProperty("error")}");
        }
    }
}
