using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Persistence;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Maintenance;

/// <summary>The verb with a whole store, from SQLite to PostgreSQL and back, through HTTP before and after.</summary>
public sealed class MoveTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_lives_on_after_a_move_and_its_unfinished_work_runs_once()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var app = await GenApiApp.StartAsync(OnSqlite());
        await using var server = await TestStore.OnPostgresAsync(app.DataDirectory, isEmpty: true, isS3: false);
        var seen = await FillAsync(app);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var running = await app.GenerateAsync(Requests.Small(9), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        await app.StopAsync();

        var there = OnPostgres(server);
        var (code, output, errors) = await VerbAsync(app, there, "--to", "postgres");
        Assert.True(code == 0, errors + output);
        Assert.Contains("each compared with the source", output, StringComparison.Ordinal);
        await app.StartAgainAsync(there);
        held.Release();
        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, running.Id));
        await AssertSameAsync(app, seen);
        var creations = app.Sandbox.Stats.Creations;
        var hit = await app.GenerateAsync(Requests.Small(1, "čtyři lišky 雪の中"));
        Assert.Equal(creations, app.Sandbox.Stats.Creations);
        Assert.Contains("hit", hit.Header("Cache-Status"), StringComparison.Ordinal);
        // A new row continues the numbers of the old ones, and every sum agrees.
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(77)));
        await app.StopAsync();

        var back = Path.Combine(app.Folder, "back");
        CopyBlobs(app.DataDirectory, back);
        var here = OnSqlite(back);
        (code, output, errors) = await VerbAsync(app, here, "--to", "sqlite", $"--from={server.ConnectionString()}");
        Assert.True(code == 0, errors + output);
        await app.StartAgainAsync(here);
        await AssertSameAsync(app, seen);
        await app.StopAsync();
        (code, output, errors) = await VerbAsync(app, here, "fsck");
        Assert.True(code == 0, errors + output);
    }

    [Fact]
    public async Task A_moved_store_refuses_every_start_and_a_half_moved_one_too()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var app = await GenApiApp.StartAsync(OnSqlite());
        await using var server = await TestStore.OnPostgresAsync(app.DataDirectory, isEmpty: true, isS3: false);
        await app.GenerateAsync(Requests.Small(1));
        var there = OnPostgres(server);
        Assert.Contains("another GenApi process uses", (await VerbAsync(app, there, "--to", "postgres")).Errors, StringComparison.Ordinal);
        await app.StopAsync();
        Assert.Contains(
            "Cluster:SecretKey", (await VerbAsync(app, new(there) { ["Cluster:SecretKey"] = "short" }, "--to", "postgres")).Errors,
            StringComparison.Ordinal);

        Assert.Equal(0, (await VerbAsync(app, there, "--to", "postgres")).ExitCode);
        var (code, _, errors) = await StartAsync(app, OnSqlite());
        Assert.Equal(1, code);
        Assert.Contains("this store was moved to postgres at", errors, StringComparison.Ordinal);
        (code, _, errors) = await VerbAsync(app, there, "--to", "postgres");
        Assert.Equal(2, code);
        Assert.Contains("this store was moved to postgres already, so there is nothing to move", errors, StringComparison.Ordinal);

        await server.ExecuteAsync(
            "INSERT INTO \"__EFMigrationsHistory\" VALUES ('~move from sqlite 20260131T120000Z', '10')");
        (code, _, errors) = await StartAsync(app, there);
        Assert.Equal(1, code);
        Assert.Contains(
            "a move from sqlite, begun at 2026-01-31 12:00 UTC, is not complete. Run genapi move", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kill_between_the_two_marks_leaves_none_to_start_and_the_next_run_ends_it()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var app = await GenApiApp.StartAsync(OnSqlite());
        await using var server = await TestStore.OnPostgresAsync(app.DataDirectory, isEmpty: true, isS3: false);
        var made = await app.GenerateAsync(Requests.Small(1));
        await app.StopAsync();
        var there = OnPostgres(server);
        Assert.Equal(0, (await VerbAsync(app, there, "--to", "postgres")).ExitCode);
        // The state after such a kill: the source is marked as moved, and the target still as incomplete.
        await server.ExecuteAsync(
            "INSERT INTO \"__EFMigrationsHistory\" VALUES ('~move from sqlite 20260131T120000Z', '10')");

        Assert.Equal(1, (await StartAsync(app, there)).ExitCode);
        var (code, output, errors) = await VerbAsync(app, there, "--to", "postgres");

        Assert.True(code == 0, errors + output);
        await app.StartAgainAsync(there);
        await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{made.Id}"));
    }

    [Fact]
    public async Task A_target_with_rows_a_used_target_and_a_missing_source_are_refused()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var app = await GenApiApp.StartAsync(OnSqlite());
        await using var server = await TestStore.OnPostgresAsync(app.DataDirectory, isS3: false);
        await app.GenerateAsync(Requests.Small(1));
        await app.StopAsync();
        var there = OnPostgres(server);
        await server.ExecuteAsync("INSERT INTO EndUsers (Name) SELECT 'x' WHERE FALSE");

        await using (var used = await GenApiApp.StartAsync(new(there) { ["DataDirectory"] = Path.Combine(app.Folder, "other") }))
        {
            Assert.Contains("uses 127.0.0.1:", (await VerbAsync(app, there, "--to", "postgres")).Errors, StringComparison.Ordinal);
            await used.GenerateAsync(Requests.Small(1));
        }
        Assert.Contains(
            "is not empty: its table ", (await VerbAsync(app, there, "--to", "postgres")).Errors,
            StringComparison.Ordinal);
        Assert.Contains(
            "so there is nothing to move",
            (await VerbAsync(app, new(there) { ["DataDirectory"] = Path.Combine(app.Folder, "none") }, "--to", "postgres")).Errors,
            StringComparison.Ordinal);
        Assert.Contains("move needs --to, --blobs or both", (await VerbAsync(app, there)).Errors, StringComparison.Ordinal);
        Assert.Contains("--to is sqlite or postgres", (await VerbAsync(app, there, "--to", "mysql")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_move_to_S3_and_back_and_what_the_source_lacks_is_named()
    {
        Assert.SkipWhen(S3Server.Missing is not null, S3Server.Missing ?? "");
        var bucket = (await S3Server.SharedAsync()).Settings(S3Server.NewPrefix());
        await using var app = await GenApiApp.StartAsync(OnSqlite());
        var made = await app.GenerateAsync(Requests.Small(1));
        var lost = await app.GenerateAsync(Requests.Small(2));
        await app.StopAsync();
        var key = lost["images"][0].GetProperty("sha256").GetString()!;
        File.Delete(Directory.EnumerateFiles(Path.Combine(app.DataDirectory, "blobs"), key, SearchOption.AllDirectories).Single());
        var there = new Dictionary<string, string?>(OnSqlite());
        foreach (var (name, value) in bucket)
            there[name] = value;

        var (code, output, errors) = await VerbAsync(app, there, "--blobs", "s3");
        Assert.True(code == 1, errors + output);
        Assert.Contains($"PROBLEM blob_missing: {key}", output, StringComparison.Ordinal);
        Assert.Contains("1 blobs of", output, StringComparison.Ordinal);
        await app.StartAgainAsync(there);
        await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{made.Id}"));
        var again = await app.GenerateAsync(Requests.Small(3));
        await app.StopAsync();

        var back = OnSqlite();
        back["Blobs:Folder"] = Path.Combine(app.Folder, "back");
        foreach (var (name, value) in bucket.Where(each => each.Key != "Blobs:Provider"))
            back[name] = value;
        (code, output, errors) = await VerbAsync(app, back, "--blobs", "disk");
        Assert.True(code == 1, errors + output);
        await app.StartAgainAsync(back);
        await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{made.Id}"));
        await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{again.Id}"));
    }

    private static Dictionary<string, string?> OnSqlite(string? directory = null)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Database:Provider"] = "sqlite",
            ["Database:ConnectionString"] = "",
            ["Blobs:Provider"] = "disk",
            ["Cluster:SecretKey"] = TestStore.ClusterSecret,
        };
        if (directory is not null)
            settings["DataDirectory"] = directory;
        return settings;
    }

    private static Dictionary<string, string?> OnPostgres(TestStore server) => new()
    {
        ["Database:Provider"] = "postgres",
        ["Database:ConnectionString"] = server.ConnectionString(),
        ["Blobs:Provider"] = "disk",
        ["Cluster:SecretKey"] = TestStore.ClusterSecret,
    };

    private static Task<(int ExitCode, string Output, string Errors)> VerbAsync(
        GenApiApp app, Dictionary<string, string?> settings, params string[] arguments) => app.VerbAsync(
        [
            .. arguments is ["fsck", ..] ? arguments.Take(1) : ["move"],
            .. settings.Select(each => $"--{each.Key}={each.Value}"),
            .. arguments is ["fsck", ..] ? arguments.Skip(1) : arguments,
        ]);

    private static Task<(int ExitCode, string Output, string Errors)> StartAsync(GenApiApp app, Dictionary<string, string?> settings) =>
        app.VerbAsync([.. settings.Select(each => $"--{each.Key}={each.Value}")]);

    /// <summary>Makes rows of many tables, and returns the answers that callers get.</summary>
    private static async Task<Dictionary<string, string>> FillAsync(GenApiApp app)
    {
        var made = await app.GenerateAsync(Requests.Small(1, "čtyři lišky 雪の中"), ("Idempotency-Key", "first"));
        var other = await app.GenerateAsync(Requests.Small(2));
        await app.GenerateAsync(Requests.Small(2));
        await app.PostAsync($"/generations/{made.Id}/pin");
        var deleted = await app.GenerateAsync(Requests.Small(3));
        await app.DeleteAsync($"/generations/{deleted.Id}");
        return await SeeAsync(
            app,
            [$"/generations/{made.Id}", $"/generations/{other.Id}", $"/generations/{made.Id}/logs", "/generations?q=li%C5%A1k"]);
    }

    private static async Task<Dictionary<string, string>> SeeAsync(GenApiApp app, IEnumerable<string> paths)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in paths)
            seen[path] = Plain(await app.GetAsync(path));
        return seen;
    }

    private static async Task AssertSameAsync(GenApiApp app, Dictionary<string, string> seen)
    {
        foreach (var (path, actual) in await SeeAsync(app, seen.Keys))
            Assert.Equal(seen[path], actual);
    }

    /// <summary>Removes what differs from one answer to the next: signatures of links and the port of the service.</summary>
    private static string Plain(Answer answer)
    {
        Assert.Equal(200, answer.Status);
        return System.Text.RegularExpressions.Regex.Replace(
            answer.Text, @"http://127\.0\.0\.1:\d+|[?&\\u0026]*(expires|signature)=[^""&\\]*", "");
    }

    private static void CopyBlobs(string from, string into)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(from, "blobs"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(into, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
