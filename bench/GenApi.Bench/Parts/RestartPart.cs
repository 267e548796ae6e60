using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace GenApi.Bench.Parts;

/// <summary>
/// Measures a kill -9 with a thousand predictions in flight: the time until the service answers again, and until it has claimed every one
/// of them.
/// </summary>
internal static class RestartPart
{
    private const double MostUntilReady = 1000;
    private const double MostAttached = 5000;

    /// <summary>sandbox/slow takes 30 s at speed 1. At this speed none ends meanwhile.</summary>
    private const double Speed = 0.02;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var count = lab.Settings.InFlight;
        var settings = new Dictionary<string, string> { ["Replicate__MaxInFlight"] = count.ToString(CultureInfo.InvariantCulture) };
        var sandbox = await lab.StartSandboxAsync(Speed, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "data", settings, cancellationToken);
        for (var seed = 1; seed <= count; seed++)
            await genApi.AcceptAsync(Requests.Body(seed, 64, "sandbox/slow"), cancellationToken);
        var database = Path.Combine(lab.Folder, "data", "genapi.db");
        await UntilAsync(
            database, $"SELECT count(*) FROM Generations WHERE CompletedAt IS NULL AND PredictionId IS NOT NULL", count, cancellationToken);
        List<double> work = [], ready = [], attached = [];
        for (var round = 1; round <= lab.Settings.Rounds; round++)
        {
            var owner = await ScalarAsync(
                database,
                "SELECT Lease_Owner FROM Generations WHERE CompletedAt IS NULL AND Lease_Owner IS NOT NULL LIMIT 1",
                cancellationToken);
            await lab.KillAsync(genApi);
            var since = Stopwatch.GetTimestamp();
            (genApi, var took) = await lab.StartGenApiAsync(sandbox.BaseUrl, "data", settings, cancellationToken);
            work.Add(genApi.Child.CpuTime.TotalMilliseconds);
            ready.Add(took.TotalMilliseconds);
            await UntilAsync(
                database,
                $"SELECT count(*) FROM Generations WHERE CompletedAt IS NULL AND Lease_Owner IS NOT NULL AND Lease_Owner <> '{owner}'",
                count,
                cancellationToken);
            attached.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            await Console.Error.WriteLineAsync($"  restart, round {round}: ready after {ready[^1]:N0} ms and {work[^1]:N0} ms of work, "
                + $"all in hand after {attached[^1]:N0} ms");
        }
        var creations = (await sandbox.StatsAsync(cancellationToken)).GetProperty("creations").GetInt32();
        if (creations != count)
            throw new BenchException($"{creations} creations for {count} generations.");
        table.Median(
            "restart",
            $"ready after kill -9 with {count:N0} in flight",
            ready,
            " ms",
            target: figure => Target.AtMost(MostUntilReady, figure, " ms"));
        table.Median("restart", "processor time until then", work, " ms");
        table.Median("restart", "all in hand again", attached, " ms", target: figure => Target.AtMost(MostAttached, figure, " ms"));
    }

    private static async Task UntilAsync(string database, string query, long wanted, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (await ScalarAsync(database, query, cancellationToken) is not long count || count != wanted)
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
                throw new BenchException($"{query} does not become {wanted}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<object?> ScalarAsync(string database, string query, CancellationToken cancellationToken)
    {
        await using var db = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = database, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        await db.OpenAsync(cancellationToken);
        await using var command = db.CreateCommand();
        // The two queries here contain no outside input.
        command.CommandText = query;
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
