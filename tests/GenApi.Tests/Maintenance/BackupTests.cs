using System.Diagnostics;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Maintenance;

/// <summary>The verb next to a running service under load. Each backup is started and checked completely.</summary>
[OnlyOnSqlite]
[OnlyOnDisk]
public sealed class BackupTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_under_load_is_a_data_directory_in_which_everything_is_whole()
    {
        await using var app = await GenApiApp.StartProcessAsync();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        var made = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            // Every third one is deleted, so that rows and bytes come and go during the copy.
            while (!stopping.IsCancellationRequested)
            {
                var seed = Interlocked.Increment(ref made);
                var generation = await app.GenerateAsync(Requests.Small(seed));
                if (seed % 3 == 0)
                    await app.DeleteAsync($"/generations/{generation.Id}");
                // The copy must run during the load, not after it.
                await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, Ended);
            }
        }));
        while (Volatile.Read(ref made) < 20)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ended);

        var first = Path.Combine(app.Folder, "first");
        await AssertKilledOnTheWayLeavesNothingAsync(app, first);
        await AssertMadeAsync(app, first);
        // On a busy machine the load can stand still between the two copies.
        var copied = Volatile.Read(ref made);
        while (Volatile.Read(ref made) < copied + 20 && !load.IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ended);
        var second = Path.Combine(app.Folder, "second");
        await AssertMadeAsync(app, second, "--since", first);
        await stopping.CancelAsync();
        await load;
        await app.StopAsync();

        Assert.True(Count(second) > Count(first));
        await AssertWholeAsync(app, first);
        await AssertWholeAsync(app, second);
    }

    [Fact]
    public async Task What_waited_in_the_backup_is_looked_for_and_not_sent_again()
    {
        await using var app = await GenApiApp.StartProcessAsync(
            new() { ["Replicate:MaxInFlight"] = "1", ["Generations:SettleSeconds"] = "0.5" });
        await app.GenerateAsync(Requests.Small(1));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var running = await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var sent = await app.GenerateAsync(Requests.Small(3), ("Prefer", "respond-async"));
        var backup = Path.Combine(app.Folder, "backup");
        Assert.Equal(2, (await AssertMadeAsync(app, backup)).GetProperty("unfinished").GetInt32());

        // The service continues and is lost after the backup: this run is billed, and only the upstream knows it.
        held.Release();
        Assert.Equal("succeeded", (await Requests.EndedAsync(app, sent.Id)).State);
        await app.KillAsync();
        await app.StartAgainAsync(new() { ["DataDirectory"] = backup });

        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, running.Id));
        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, sent.Id));
        Assert.Equal(3, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task On_another_file_system_bytes_are_copied_and_those_of_an_earlier_backup_taken_over_unless_they_are_spoiled()
    {
        await using var app = await GenApiApp.StartAsync();
        var one = await app.GenerateAsync(Requests.Small(1));
        var two = await app.GenerateAsync(Requests.Small(2));
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "There is no second file system to write to.");
        var elsewhere = Directory.CreateDirectory($"/dev/shm/genapi-{Environment.ProcessId}-{Path.GetFileName(app.Folder)}").FullName;
        try
        {
            var first = Path.Combine(elsewhere, "first");
            Assert.Equal(0, (await AssertMadeAsync(app, first)).GetProperty("shared").GetInt32());
            var spoiled = Path.Combine(first, "blobs", Damage.KeyOf(one)[..2], Damage.KeyOf(one));
            await File.WriteAllTextAsync(spoiled, "not the picture", Ended);
            await app.GenerateAsync(Requests.Small(3));

            var second = Path.Combine(elsewhere, "second");
            var manifest = await AssertMadeAsync(app, second, "--since", first);

            Assert.Equal((3, 1), (manifest.GetProperty("blobs").GetInt32(), manifest.GetProperty("shared").GetInt32()));
            Assert.Equal(await File.ReadAllBytesAsync(Damage.BlobOf(app, one), Ended),
                await File.ReadAllBytesAsync(spoiled.Replace("/first/", "/second/", StringComparison.Ordinal), Ended));
            Assert.True(File.Exists(Damage.BlobOf(app, two)));
            await app.StopAsync();
            await AssertWholeAsync(app, second);
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Fact]
    public async Task A_disk_that_is_too_small_leaves_nothing_behind()
    {
        await using var app = await GenApiApp.StartAsync();
        for (var seed = 1; seed <= 20; seed++)
            await app.GenerateAsync(Requests.Small(seed));
        var mount = Directory.CreateDirectory(Path.Combine(app.Folder, "small")).FullName;
        Assert.SkipUnless(await TryRunAsync("mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", mount),
            "mount needs root here, so there is no small disk to fill.");
        try
        {
            var (exitCode, _, errors) = await app.VerbAsync("backup", Path.Combine(mount, "backup"));

            Assert.True(exitCode == 2, errors);
            Assert.Empty(Directory.GetFileSystemEntries(mount));
        }
        finally
        {
            await TryRunAsync("umount", mount);
        }
    }

    [Fact]
    public async Task A_damaged_store_is_kept_as_it_is_and_told()
    {
        await using var app = await GenApiApp.StartAsync();
        var missing = await app.GenerateAsync(Requests.Small(1));
        var damaged = await app.GenerateAsync(Requests.Small(2));
        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(missing));
        await File.WriteAllTextAsync(Damage.BlobOf(app, damaged), "not the picture", Ended);

        var backup = Path.Combine(app.Folder, "backup");
        var (exitCode, output, _) = await app.VerbAsync("backup", backup);

        Assert.Equal(1, exitCode);
        Assert.Contains($"PROBLEM blob_missing: {Damage.KeyOf(missing)}", output, StringComparison.Ordinal);
        Assert.Contains($"PROBLEM blob_damaged: {Damage.KeyOf(damaged)}", output, StringComparison.Ordinal);
        var manifest = JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(backup, "manifest.json"), Ended));
        Assert.Equal((1, 1), (manifest.GetProperty("missing").GetArrayLength(), manifest.GetProperty("damaged").GetArrayLength()));
    }

    [Fact]
    public async Task What_can_not_be_a_backup_is_refused()
    {
        await using var app = await GenApiApp.StartAsync();
        var full = Directory.CreateDirectory(Path.Combine(app.Folder, "full")).FullName;
        await File.WriteAllTextAsync(Path.Combine(full, "mine.txt"), "mine", Ended);

        await AssertRefusedAsync(app, "exists already", full);
        await AssertRefusedAsync(app, "is inside the data directory", Path.Combine(app.DataDirectory, "backup"));
        await AssertRefusedAsync(app, "is not a backup", Path.Combine(app.Folder, "next"), "--since", full);
        await AssertRefusedAsync(app, "there is no database", Path.Combine(app.Folder, "next"), "--DataDirectory", full);
        await AssertRefusedAsync(app, "backup needs <folder>");
        Assert.Equal(["mine.txt"], Directory.GetFileSystemEntries(full).Select(Path.GetFileName));
        Assert.False(Path.Exists(Path.Combine(app.Folder, "next")) || Path.Exists(Path.Combine(app.Folder, "next.partial")));
    }

    private static async Task<JsonElement> AssertMadeAsync(GenApiApp app, string folder, params string[] options)
    {
        var (exitCode, output, errors) = await app.VerbAsync(["backup", folder, .. options]);
        Assert.True(exitCode == 0, $"{exitCode} {errors} {output}");
        Assert.Equal(["blobs", "genapi.db", "manifest.json"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order());
        return JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "manifest.json"), Ended));
    }

    /// <summary>Kills the verb with kill -9 while it works.</summary>
    private static async Task AssertKilledOnTheWayLeavesNothingAsync(GenApiApp app, string folder)
    {
        using var verb = app.StartVerb("backup", folder);
        while (!File.Exists(Path.Combine(folder + ".partial", "backup.lock")) && !verb.HasExited)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Ended);
        verb.Kill();
        await verb.WaitForExitAsync(Ended);
        // If the verb ended before the kill, the backup would be complete, which this test is not about.
        Assert.False(Directory.Exists(folder), "The kill came too late.");
        Assert.True(Directory.Exists(folder + ".partial"));
    }

    /// <summary>Restores by copying, as the operators' page says, and checks everything.</summary>
    private static async Task AssertWholeAsync(GenApiApp app, string backup)
    {
        var data = Directory.CreateDirectory(Path.Combine(app.Folder, $"restored-{Path.GetFileName(backup)}")).FullName;
        Assert.True(await TryRunAsync("cp", "-a", backup + "/.", data));
        var (exitCode, report, errors) = await app.VerbAsync("fsck", "--DataDirectory", data);
        Assert.True(exitCode == 0, report + errors);

        await app.StartAgainAsync(new() { ["DataDirectory"] = data });
        var seen = 0;
        for (var cursor = ""; ;)
        {
            var page = await app.GetAsync($"/generations?limit=100{cursor}");
            foreach (var row in page["data"].EnumerateArray())
            {
                await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, row.GetProperty("id").GetString()!));
                seen++;
            }
            if (page["next_cursor"].GetString() is not { } next)
                break;
            cursor = $"&cursor={Uri.EscapeDataString(next)}";
        }
        await app.StopAsync();
        Assert.Equal(Count(backup), seen);
    }

    private static long Count(string backup) =>
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(backup, "manifest.json"))).GetProperty("generations").GetInt64();

    private static async Task AssertRefusedAsync(GenApiApp app, string sentence, params string[] arguments)
    {
        var (exitCode, _, errors) = await app.VerbAsync(["backup", .. arguments]);
        Assert.Equal(2, exitCode);
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
    }

    private static async Task<bool> TryRunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Ended);
        return process.ExitCode == 0;
    }
}
