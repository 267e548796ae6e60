using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Maintenance;

/// <summary>
/// Each test damages the data of a real service by hand, finds and repairs the damage with the verb, and starts the service again.
/// </summary>
public sealed class FsckTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>The change to a finished row, and the finding.</summary>
    private static readonly (string Change, string Sentence)[] Contradictions =
    [
        ("CompletedAt=NULL", "is succeeded and has no time of its end."),
        ("Status='Processing'", "is processing and has a time of its end."),
        ("Lease_Owner='somebody', Lease_Until=1", "has ended and is still leased."),
        ("Outputs='[]'", "has ended and still lists files to fetch."),
        ("Status='Failed'", "is failed and answers requests."),
        ("Status='Starting', CompletedAt=NULL, IsAnswer=FALSE, PredictionId=NULL", "is starting and has no prediction."),
        ("Status='Storing', CompletedAt=NULL, IsAnswer=FALSE, Outputs=NULL", "is storing and lists no files to fetch."),
        ("Status='Queued', CompletedAt=NULL, IsAnswer=FALSE", "is queued and has a prediction."),
        ("Status='Processing', CompletedAt=NULL, IsAnswer=FALSE, Lease_Until=7", "has half a lease."),
    ];

    [Fact]
    public async Task What_the_service_leaves_is_sound_after_a_stop_after_a_kill_and_while_it_runs()
    {
        await using var app = await GenApiApp.StartProcessAsync();
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));
        await app.GenerateAsync(Requests.Small(2), ("Idempotency-Key", "one"));

        var (running, report) = await Damage.FsckAsync(app, "--read");
        Assert.Equal((0, true), (running, report.GetProperty("running").GetBoolean()));
        Assert.Equal((2, 2), (report.GetProperty("generations").GetInt32(), report.GetProperty("blobs_read").GetInt32()));

        app.Sandbox.Faults.Add(FaultKind.RunStuck);
        await app.GenerateAsync(Requests.Small(3), ("Prefer", "respond-async"));
        await app.KillAsync();
        var (killed, left) = await Damage.FsckAsync(app);
        Assert.True(killed == 0, left.GetRawText());
        Assert.Equal(1, left.GetProperty("notes").GetProperty("unfinished").GetInt32());

        await app.StartAgainAsync();
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task Missing_bytes_are_found_written_down_and_found_again()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        // Another image is there, so the store is not empty.
        await app.GenerateAsync(Requests.Small(2));
        await app.StopAsync();
        var bytes = await app.Store.Blobs.ReadAsync(Damage.KeyOf(made));
        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(made));

        var (found, report) = await Damage.FsckAsync(app);
        Assert.Equal((1, "blob_missing 1"), (found, Damage.Kinds(report)));
        Assert.Equal(0, (await Damage.FsckAsync(app, "--repair")).ExitCode);
        await Damage.AssertSoundAsync(app);

        // The row still describes the image, and the next request generates it again.
        await app.StartAgainAsync();
        Assert.Equal(500, (await app.GetAsync(made.ImageUrl().AbsolutePath)).Status);
        Assert.Equal(200, (await app.GetAsync($"/generations/{made.Id}")).Status);
        await app.StopAsync();
        await app.Store.Blobs.WriteAsync(Damage.KeyOf(made), bytes);
        Assert.Equal("blob_found_again 1", Damage.Mending((await Damage.FsckAsync(app, "--repair")).Report));
        await Damage.AssertSoundAsync(app);
        await app.StartAgainAsync();
        Assert.Equal(200, (await app.GetAsync(made.ImageUrl().AbsolutePath)).Status);
        Assert.NotEqual(made.Id, (await app.GenerateAsync(Requests.Small(1))).Id);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("emptied")]
    [InlineData("one bit")]
    public async Task Damaged_bytes_are_put_into_quarantine_and_never_deleted(string how)
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        var whole = await app.GenerateAsync(Requests.Small(2));
        await app.StopAsync();
        var (blobs, key) = (app.Store.Blobs, Damage.KeyOf(made));
        var bytes = await blobs.ReadAsync(key);
        bytes = how switch { "cut" => bytes[..^100], "emptied" => [], _ => [.. bytes[..50], (byte)(bytes[50] ^ 1), .. bytes[51..]] };
        await blobs.WriteAsync(key, bytes);
        // S3 compares its bytes itself; only another length shows without reading them.
        string[] options = how == "one bit" ? ["--read"] : [];

        var (found, report) = await Damage.FsckAsync(app, options);
        Assert.Equal((1, "blob_damaged 1"), (found, Damage.Kinds(report)));
        Assert.Equal(bytes, await blobs.ReadAsync(key));

        Assert.Equal(0, (await Damage.FsckAsync(app, ["--repair", .. options])).ExitCode);
        Assert.Equal(bytes, await blobs.ReadQuarantinedAsync(key));
        await Damage.AssertSoundAsync(app);
        await app.StartAgainAsync();
        await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{whole.Id}"));
        // Generated again, it has the same bytes.
        var again = await app.GenerateAsync(Requests.Small(1));
        Assert.NotEqual(made.Id, again.Id);
        await Requests.AssertWholeAsync(app, again);
    }

    [Fact]
    [OnlyOnDisk]
    public async Task Bytes_without_a_row_and_half_written_ones_are_removed_and_what_is_not_ours_is_left_alone()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        await app.StopAsync();
        var orphan = Damage.PathOf(app, new string('a', 64));
        Directory.CreateDirectory(Path.GetDirectoryName(orphan)!);
        await File.WriteAllTextAsync(orphan, "nobody's", Ended);
        var half = Path.Combine(app.DataDirectory, "blobs", "tmp", "0123.part");
        await File.WriteAllTextAsync(half, "hal", Ended);
        var foreign = Path.Combine(app.DataDirectory, "blobs", "aa", "notes.txt");
        await File.WriteAllTextAsync(foreign, "not ours", Ended);

        var (found, report) = await Damage.FsckAsync(app);
        Assert.Equal((1, "foreign_file 1", "blob_orphan 1, half_written 1"), (found, Damage.Kinds(report), Damage.Mending(report)));
        Assert.True(File.Exists(orphan) && File.Exists(half));

        Assert.Equal(1, (await Damage.FsckAsync(app, "--repair")).ExitCode);
        Assert.Equal((false, false, true), (File.Exists(orphan), File.Exists(half), File.Exists(foreign)));
        File.Delete(foreign);
        await Damage.AssertSoundAsync(app);
        Assert.Equal("", Damage.Mending((await Damage.FsckAsync(app)).Report));
        await app.StartAgainAsync();
        await Requests.AssertWholeAsync(app, await app.GetAsync($"/generations/{made.Id}"));
    }

    [Fact]
    public async Task When_most_blobs_have_no_row_the_database_is_rather_the_wrong_one_and_nothing_is_deleted()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        await app.StopAsync();
        string[] orphans = [.. Enumerable.Range(0, 101).Select(at => at.ToString("x2", null).PadRight(64, '0'))];
        foreach (var orphan in orphans)
            await app.Store.Blobs.WriteAsync(orphan, "x"u8.ToArray());

        Assert.Equal(0, (await Damage.FsckAsync(app, "--repair")).ExitCode);

        foreach (var orphan in orphans)
            Assert.True(await app.Store.Blobs.IsInQuarantineAsync(orphan));
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task Rows_that_contradict_themselves_are_told_and_mended_so_that_they_end()
    {
        await using var app = await GenApiApp.StartAsync();
        var ids = new List<string>();
        for (var at = 0; at < Contradictions.Length; at++)
            ids.Add((await app.GenerateAsync(Requests.Small(at + 1))).Id);
        await app.StopAsync();
        for (var at = 0; at < Contradictions.Length; at++)
            await Damage.ExecuteAsync(app, $"UPDATE Generations SET {Contradictions[at].Change} WHERE Seed={at + 1}");

        var (found, report) = await Damage.FsckAsync(app);
        Assert.Equal((1, $"generation_inconsistent {ids.Count}"), (found, Damage.Kinds(report)));
        Assert.Equal(
            ids.Zip(Contradictions, (id, each) => $"{id} {each.Sentence}"),
            report.GetProperty("findings").EnumerateArray().Where(each => each.GetProperty("weight").GetString() == "problem")
                .Select(each => $"{each.GetProperty("subject")} {each.GetProperty("sentence")}"));

        Assert.Equal(0, (await Damage.FsckAsync(app, "--repair")).ExitCode);
        await app.StartAgainAsync();
        foreach (var id in ids)
            Assert.Single((await Requests.EndedAsync(app, id))["images"].EnumerateArray());
        Assert.Equal(ids.Count, app.Sandbox.Stats.Creations);
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task An_answer_without_a_picture_and_a_picture_without_a_generation_are_told()
    {
        await using var app = await GenApiApp.StartAsync();
        var bare = await app.GenerateAsync(Requests.Small(1));
        var lone = await app.GenerateAsync(Requests.Small(2));
        await app.StopAsync();
        await Damage.ExecuteAsync(app,
            "DELETE FROM Images WHERE GenerationId=(SELECT Id FROM Generations WHERE Seed=1); DELETE FROM Generations WHERE Seed=2");

        Assert.Equal("answer_without_images 1, image_without_generation 1", Damage.Kinds((await Damage.FsckAsync(app)).Report));
        var (exitCode, report) = await Damage.FsckAsync(app, "--repair");

        Assert.Equal((1, 1), (exitCode, report.GetProperty("repaired").GetInt32()));
        await app.StartAgainAsync();
        Assert.NotEqual(bare.Id, (await app.GenerateAsync(Requests.Small(1))).Id);
        Assert.Equal(204, (await app.DeleteAsync(lone.ImageUrl().AbsolutePath)).Status);
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_search_index_that_is_not_that_of_the_prompts_is_built_anew()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1, "a heron at dawn"));
        await app.StopAsync();
        await Damage.ExecuteAsync(app, "INSERT INTO PromptTerms(PromptTerms) VALUES ('delete-all')");

        Assert.Equal("database_damaged 1", Damage.Kinds((await Damage.FsckAsync(app)).Report));
        Assert.Equal(0, (await Damage.FsckAsync(app, "--repair")).ExitCode);

        await Damage.AssertSoundAsync(app);
        await app.StartAgainAsync();
        Assert.Equal(made.Id, (await app.GetAsync("/generations?q=heron"))["data"][0].GetProperty("id").GetString());
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task Damaged_pages_of_the_database_are_told()
    {
        await using var app = await GenApiApp.StartAsync();
        for (var seed = 1; seed <= 20; seed++)
            await app.GenerateAsync(Requests.Small(seed));
        await app.StopAsync();
        // The log is empty; otherwise it would repair the damage.
        Assert.Equal([Damage.Database(app)], Directory.GetFiles(app.DataDirectory, "genapi.db*"));
        await using (var file = File.OpenWrite(Damage.Database(app)))
        {
            file.Position = file.Length / 2;
            await file.WriteAsync(new byte[8192], Ended);
        }

        var (exitCode, output, _) = await app.VerbAsync("fsck");

        Assert.Equal(1, exitCode);
        Assert.Contains("PROBLEM database_damaged:", output, StringComparison.Ordinal);
    }

    [Fact]
    [OnlyOnDisk]
    public async Task Beside_a_running_service_stuck_leases_are_told_and_a_repair_is_refused()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunStuck);
        var made = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Gets > 0, Ended);
        // The row belongs to another upstream, so no worker of this service claims it.
        await Damage.ExecuteAsync(app,
            "UPDATE Generations SET Upstream='sandbox', Lease_Owner='gone', Lease_Until=1; UPDATE BudgetPeriods SET Upstream='sandbox'");
        await File.WriteAllTextAsync(Path.Combine(app.DataDirectory, "blobs", "tmp", "now.part"), "being written", Ended);

        var (exitCode, report) = await Damage.FsckAsync(app);
        Assert.Equal((1, "lease_stuck 1"), (exitCode, Damage.Kinds(report)));
        Assert.Equal(made.Id, report.GetProperty("findings")[0].GetProperty("subject").GetString());
        Assert.Equal(1, report.GetProperty("notes").GetProperty("not_judged").GetInt32());

        var (refused, _, errors) = await app.VerbAsync("fsck", "--repair");
        Assert.Equal(2, refused);
        Assert.Contains("Stop it before a repair", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_table_that_names_blobs_is_among_those_that_are_looked_through()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync(Ended);
        var tables = db.Model.GetEntityTypes().Where(entity => entity.FindProperty("BlobKey") is not null)
            .Select(entity => $"{entity.ClrType.Name}".ToLowerInvariant());
        var users = app.Services.GetServices<IBlobUser>().Select(user => user.Kind).ToList();

        Assert.All(tables, table => Assert.Contains(users, user => table.EndsWith(user, StringComparison.Ordinal)));
        Assert.Equal(["image", "file", "variant", "upload", "generation"], users);
    }
}
