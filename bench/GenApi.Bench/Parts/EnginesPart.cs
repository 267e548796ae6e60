namespace GenApi.Bench.Parts;

/// <summary>
/// Compares one service on PostgreSQL, which waits for the disk at each commit, with one on SQLite: new images, hits and images. For hits
/// and images the bytes are on S3 and on the disk.
/// </summary>
internal static class EnginesPart
{
    private const int WarmUpSeconds = 20;

    private const int Pixels = 64;
    private const double LeastNew = 0.7, LeastServed = 0.97;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        await using var postgres = await Stores.StartPostgresAsync();
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (sqlite, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "sqlite", null, cancellationToken);
        var onServer = postgres.Settings(await postgres.CreateDatabaseAsync());
        var (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "postgres", onServer, cancellationToken);
        await NewAsync(lab, table, server, sqlite, cancellationToken);
        await lab.StopAsync(server);

        var onBoth = await postgres.Settings(await postgres.CreateDatabaseAsync()).WithS3Async();
        (server, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "s3", onBoth, cancellationToken);
        await ServedAsync(lab, table, server, sqlite, cancellationToken);
    }

    private static async Task NewAsync(Lab lab, Table table, Server postgres, Server sqlite, CancellationToken cancellationToken)
    {
        var (seed, duration, callers) = (0, TimeSpan.FromSeconds(lab.Settings.Seconds), lab.Settings.MissCallers);
        Task<Load> LoadAsync(Server server, TimeSpan time) => Requests.RepeatAsync(
            callers, time, token => server.GenerateAsync(Requests.Body(Interlocked.Increment(ref seed), Pixels), token), cancellationToken);

        // The runtime recompiles a path of this length for some thousand generations.
        await LoadAsync(sqlite, duration * 10);
        await LoadAsync(postgres, duration * 10);
        List<double> ours = [], theirs = [];
        for (var round = 1; round <= lab.Settings.Rounds; round++)
        {
            theirs.Add((await LoadAsync(sqlite, duration)).PerSecond);
            ours.Add((await LoadAsync(postgres, duration)).PerSecond);
            await Console.Error.WriteLineAsync(
                $"  engines, {callers} callers, round {round}: PostgreSQL {ours[^1]:N0}/s; SQLite {theirs[^1]:N0}/s");
        }
        table.Versus("engines", $"new images on PostgreSQL, {callers} callers", "SQLite", ours, theirs, LeastNew);
    }

    private static async Task ServedAsync(Lab lab, Table table, Server server, Server sqlite, CancellationToken cancellationToken)
    {
        var body = Requests.Body(seed: 42, pixels: Pixels);
        var (there, here) = (await HitAsync(server, body, cancellationToken), await HitAsync(sqlite, body, cancellationToken));
        var connections = lab.Settings.Connections;
        // The one has served for minutes, and the other has just started: both get long enough to have their code compiled.
        foreach (var warming in new[] { sqlite, server })
            await new WrkRequest(new Uri(warming.BaseUrl, "generate"), connections, "POST", body)
                .RunAsync(lab.WrkScript, WarmUpSeconds, cancellationToken);
        await AgainstAsync(
            "hits", new(new Uri(server.BaseUrl, "generate"), connections, "POST", body),
            new(new Uri(sqlite.BaseUrl, "generate"), connections, "POST", body));
        await AgainstAsync("images", new(there, connections), new(here, connections));

        async Task AgainstAsync(string row, WrkRequest ours, WrkRequest theirs)
        {
            var (our, their) = await new Duel(lab, $"engines, {row}").RunAsync(
                new("PostgreSQL and S3", server, ours), new("SQLite and disk", sqlite, theirs), cancellationToken);
            table.Versus(
                "engines", $"{row} on PostgreSQL and S3", "SQLite and disk",
                [.. our.Select(turn => turn.Result.PerSecond)], [.. their.Select(turn => turn.Result.PerSecond)], LeastServed);
        }
    }

    /// <returns>The address of the image.</returns>
    private static async Task<Uri> HitAsync(Server server, string body, CancellationToken cancellationToken)
    {
        await server.GenerateAsync(body, cancellationToken);
        var (answer, outcome) = await server.GenerateAsync(body, cancellationToken);
        if (outcome != "GenApi; hit")
            throw new BenchException($"The second request was no hit but '{outcome}'.");
        return new Uri(Requests.Parse(answer).GetProperty("images")[0].GetProperty("url").GetString()!);
    }
}
