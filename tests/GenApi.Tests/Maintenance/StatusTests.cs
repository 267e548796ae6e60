using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Maintenance;

/// <summary>The verb <c>status</c>, with a running service and without one.</summary>
public sealed class StatusTests
{
    private static readonly Dictionary<string, string?> Prices = new() { ["Models:Prices:sandbox/partial:PerImage"] = "0.01" };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_tells_what_is_under_way_what_was_spent_and_what_failed_while_the_service_runs()
    {
        await using var app = await GenApiApp.StartAsync(new(Prices) { ["Replicate:MaxInFlight"] = "1" });
        for (var times = 0; times < 3; times++)
            await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/partial", seed = 1, num_outputs = 2 });
        await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/fails" });
        var gone = await app.GenerateAsync(new { prompt = "two foxes", model = "sandbox/fails" });
        await app.DeleteAsync($"/generations/{gone["generation_id"].GetString()}");
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));
        // The route's report writes the hits to the database.
        await app.GetAsync("/usage");

        var status = await StatusAsync(app, $"--Urls={app.Address}");
        var lines = await LinesAsync(app, $"--Urls={app.Address}");

        Assert.Equal(("running", "pass"), (Text(status, "service", "state"), Text(status, "service", "health")));
        Assert.Equal(app.DataDirectory, Text(status, "data_directory"));
        Assert.Equal(("replicate", app.Sandbox.BaseUrl.ToString().TrimEnd('/'), "set"),
            (Text(status, "upstream", "name"), Text(status, "upstream", "address"), Text(status, "upstream", "token")));
        Assert.Equal("1 in flight, 1 queued",
            $"{Text(status, "generations", "in_flight")} in flight, {Text(status, "generations", "queued")} queued");
        var (today, failures) = (status.GetProperty("today"), status.GetProperty("failures"));
        Assert.Equal(("3", "2", "0.01", "0.02"),
            (Text(today, "runs"), Text(today, "hits"), Text(today, "cost_usd"), Text(today, "saved_usd")));
        Assert.Equal(("2", "3"), (Text(failures, "failed"), Text(failures, "runs")));
        Assert.Equal("""{"deleted":1,"upstream_failed":1}""", Sorted(failures.GetProperty("by_code")));
        Assert.Equal("not refused", Text(status, "credit", "state"));
        Assert.Equal("1", Text(status, "store", "files"));
        Assert.True(status.GetProperty("store").GetProperty("free_bytes").GetInt64() > 0);

        Assert.InRange(lines.Count, 10, 14);
        Assert.StartsWith($"GenApi 1.0.0 running at http://127.0.0.1:{app.Address.Port}, ready", Squeezed(lines[0]),
            StringComparison.Ordinal);
        Assert.Contains($"data {app.DataDirectory}", lines.Select(Squeezed));
        Assert.Contains(lines.Select(Squeezed), line =>
            line.StartsWith("generations 1 in flight, 1 queued, the oldest for ", StringComparison.Ordinal));
        Assert.Contains(lines.Select(Squeezed), line =>
            line.StartsWith("today 3 runs for 0.01 USD", StringComparison.Ordinal)
            && line.Contains("0.02 USD saved by 2 hits and 0 joined", StringComparison.Ordinal));
        Assert.Contains(lines.Select(Squeezed), line =>
            line.StartsWith("failures 2 of 3 runs that ended within the last hour: ", StringComparison.Ordinal));
        Assert.Contains("last backup no backup is known: backup <folder> makes one", lines.Select(Squeezed));
        held.Release();
    }

    [Fact]
    public async Task It_reads_the_same_beside_a_silent_service_a_stopped_one_and_a_killed_one()
    {
        await using var app = await GenApiApp.StartProcessAsync(new() { ["Cluster:LeaseSeconds"] = "2" });
        await app.GenerateAsync(Requests.Small(1));

        // The port of the settings is 0 here, so nothing answers there.
        Assert.Equal(("silent", "1"), await StateAsync(app));
        await app.KillAsync();
        if (StoreKind.IsPostgres)
            await LeaseEndsAsync(app);
        Assert.Equal(("stopped", "1"), await StateAsync(app));
        await app.StartAgainAsync();
        await app.StopAsync();
        Assert.Equal(("stopped", "1"), await StateAsync(app));
    }

    [Fact]
    public async Task Credit_that_is_used_up_is_told_by_the_service_and_by_its_rows_until_a_run_succeeds()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        app.Sandbox.Faults.Add(new Fault(FaultKind.CreateRefused) { Status = 402 });
        Assert.Equal("upstream_out_of_credit", (await app.GenerateAsync(Requests.Small(2))).Code);

        var ready = await app.GetAsync("/health/ready");
        Assert.Equal((200, "warn", "used up"), (ready.Status, ready.State, ready["checks", "upstream", "facts", "credit"].GetString()));
        Assert.Equal("used up", Text(await StatusAsync(app, $"--Urls={app.Address}"), "credit", "state"));
        // Only the rows say it: nothing asks the service here.
        Assert.Equal("used up", Text(await StatusAsync(app), "credit", "state"));
        Assert.Contains(await LinesAsync(app), line => line.Contains("USED UP: last refused", StringComparison.Ordinal));

        await app.GenerateAsync(Requests.Small(3));
        Assert.Equal("not refused", Text(await StatusAsync(app, $"--Urls={app.Address}"), "credit", "state"));
        Assert.Contains(await LinesAsync(app), line => line.Contains("runs have succeeded since", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_token_is_told_to_be_there_or_not_and_never_shown()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.StopAsync();

        // The app itself searches each run's output for the token.
        Assert.Equal("set", Text(await StatusAsync(app), "upstream", "token"));
        Assert.StartsWith("Replicate:ApiToken must be set", Text(await StatusAsync(app, "--Replicate:ApiToken="), "upstream", "token"),
            StringComparison.Ordinal);
        Assert.Equal("not needed", Text(await StatusAsync(app, "--Replicate:Mode=sandbox"), "upstream", "token"));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task It_remembers_the_last_backup_and_what_came_of_it()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        var (first, second) = (Path.Combine(app.Folder, "first"), Path.Combine(app.Folder, "second"));
        Assert.Equal(0, (await app.VerbAsync("backup", first)).ExitCode);
        Assert.Equal(2, (await app.VerbAsync("backup", first)).ExitCode);
        await app.GenerateAsync(Requests.Small(2));

        var backup = (await StatusAsync(app)).GetProperty("last_backup");
        Assert.Equal((first, "sound", "1"), (Text(backup, "folder"), Text(backup, "outcome"), Text(backup, "runs_since")));
        Assert.Contains("exists already", Text(backup, "failure"), StringComparison.Ordinal);

        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(await app.GenerateAsync(Requests.Small(3))));
        Assert.Equal(1, (await app.VerbAsync("backup", second)).ExitCode);
        backup = (await StatusAsync(app)).GetProperty("last_backup");
        Assert.Equal((second, "problems", ""), (Text(backup, "folder"), Text(backup, "outcome"), Text(backup, "failure")));
    }

    [Fact]
    public async Task It_remembers_the_last_check_and_what_came_of_it()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        await app.GenerateAsync(Requests.Small(2));
        Assert.Equal(0, (await app.VerbAsync("fsck", "--read")).ExitCode);

        var check = (await StatusAsync(app)).GetProperty("last_fsck");
        Assert.Equal(("sound", "2 generations, 2 blobs read", "0"),
            (Text(check, "outcome"), Text(check, "summary"), Text(check, "runs_since")));

        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(await app.GenerateAsync(Requests.Small(3))));
        Assert.Equal("1", Text(await StatusAsync(app), "last_fsck", "runs_since"));
        Assert.Equal(1, (await app.VerbAsync("fsck")).ExitCode);
        check = (await StatusAsync(app)).GetProperty("last_fsck");
        Assert.Equal(("problems", "1 problem, 0 repaired"), (Text(check, "outcome"), Text(check, "summary")));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_restored_store_knows_of_no_backup_and_an_older_database_in_the_same_folder_is_told_apart()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        var (older, newer, restored) =
            (Path.Combine(app.Folder, "older"), Path.Combine(app.Folder, "newer"), Path.Combine(app.Folder, "restored"));
        await app.VerbAsync("backup", older);
        await app.GenerateAsync(Requests.Small(2));
        await app.VerbAsync("backup", newer);
        await app.StopAsync();

        // The copy is another store, so the record of the first one does not apply to it.
        Directory.Move(older, restored);
        var other = await StatusAsync(app, $"--DataDirectory={restored}");
        Assert.Equal(("", "", "1"), (Text(other, "last_backup", "at"), Text(other, "last_fsck", "at"), Text(other, "store", "files")));

        Assert.Equal("False", Text(await StatusAsync(app), "last_backup", "is_of_newer_database"));
        File.Copy(Path.Combine(restored, "genapi.db"), Damage.Database(app), overwrite: true);
        Assert.Equal("True", Text(await StatusAsync(app), "last_backup", "is_of_newer_database"));
        Assert.Contains(await LinesAsync(app), line => line.Contains("an OLDER database was put in place since", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Webhooks_that_did_not_arrive_are_counted()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Webhooks:AllowedPrivateHosts:0"] = "127.0.0.1:1" });
        await app.GenerateAsync(new { prompt = "a fox", seed = 1, webhook = "http://127.0.0.1:1/" });

        while (Text(await StatusAsync(app), "webhooks", "tried") != "1")
            Ended.ThrowIfCancellationRequested();

        Assert.Equal("1", Text(await StatusAsync(app), "webhooks", "waiting"));
        Assert.Contains("webhooks 1 not delivered yet (1 after a failed try), 0 given up", (await LinesAsync(app)).Select(Squeezed));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_database_of_another_program_is_refused_in_one_sentence()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.StopAsync();
        (string, string)[] changes =
        [
            ("DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" > (SELECT min(\"MigrationId\") FROM \"__EFMigrationsHistory\"); "
                + "UPDATE \"__EFMigrationsHistory\" SET \"MigrationId\" = '20261126023826_AuditThings'",
                "a development version before 1.0"),
            ("UPDATE \"__EFMigrationsHistory\" SET \"MigrationId\" = '20991231_Later'", "a newer GenApi wrote"),
        ];
        foreach (var (change, sentence) in changes)
        {
            await Damage.ExecuteAsync(app, change);
            foreach (var verb in (string[][])[["status"], ["usage"], ["keys", "list"]])
            {
                var (exitCode, output, errors) = await app.VerbAsync(verb);
                Assert.Equal((2, ""), (exitCode, output));
                Assert.StartsWith("Database: ", errors, StringComparison.Ordinal);
                Assert.Contains(sentence, errors, StringComparison.Ordinal);
                Assert.Single(errors.Trim().Split('\n'));
            }
        }
    }

    /// <summary>Waits until a server no longer counts an instance that was killed.</summary>
    private static async Task LeaseEndsAsync(GenApiApp app)
    {
        while ((await StateAsync(app)).State != "stopped")
            Ended.ThrowIfCancellationRequested();
    }

    private static async Task<(string State, string Files)> StateAsync(GenApiApp app)
    {
        var status = await StatusAsync(app);
        return (Text(status, "service", "state"), Text(status, "store", "files"));
    }

    private static async Task<JsonElement> StatusAsync(GenApiApp app, params string[] options)
    {
        var (exitCode, output, errors) = await app.VerbAsync(["status", "--json", .. options]);
        Assert.True((exitCode, errors) == (0, ""), $"{exitCode} {errors} {output}");
        return JsonElement.Parse(output);
    }

    private static async Task<List<string>> LinesAsync(GenApiApp app, params string[] options)
    {
        var (exitCode, output, errors) = await app.VerbAsync(["status", .. options]);
        Assert.True((exitCode, errors) == (0, ""), $"{exitCode} {errors} {output}");
        return [.. output.TrimEnd('\n').Split('\n')];
    }

    /// <summary>Returns a member as text; an empty text for null.</summary>
    private static string Text(JsonElement element, params string[] path) =>
        path.Aggregate(element, (inner, name) => inner.GetProperty(name)).ToString();

    private static string Sorted(JsonElement members) =>
        JsonSerializer.Serialize(members.EnumerateObject().OrderBy(each => each.Name, StringComparer.Ordinal)
            .ToDictionary(each => each.Name, each => each.Value.GetInt32()));

    private static string Squeezed(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
