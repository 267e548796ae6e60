using System.Diagnostics;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using Microsoft.Data.Sqlite;

namespace GenApi.Tests.Hosting;

/// <summary>
/// A start on unusable data ends with one sentence and changes nothing. A missing database is never silently replaced, and a damaged one
/// keeps every byte.
/// </summary>
[OnlyOnSqlite]
[OnlyOnDisk]
public sealed class StorageStartTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    public async Task A_database_that_is_gone_is_not_replaced_by_a_new_one(string how)
    {
        await using var app = await StoppedAsync();
        var bytes = await File.ReadAllBytesAsync(Damage.Database(app), Ended);
        File.Delete(Damage.Database(app));
        if (how == "empty")
            await File.WriteAllBytesAsync(Damage.Database(app), [], Ended);

        // Without the lock file, the images alone show it.
        await AssertRefusedAsync(app, $"DataDirectory: the database genapi.db is {how}, although '{app.DataDirectory}' was used.");
        File.Delete(Path.Combine(app.DataDirectory, "genapi.lock"));
        await AssertRefusedAsync(app, $"DataDirectory: the database genapi.db is {how}, although");
        Assert.Equal(how == "empty", File.Exists(Damage.Database(app)));

        await File.WriteAllBytesAsync(Damage.Database(app), bytes, Ended);
        await app.StartAgainAsync();
        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
    }

    [Fact]
    public async Task To_begin_anew_must_be_said_and_can_not_be_said_over_pictures_or_a_database()
    {
        await using var app = await StoppedAsync();
        Assert.Contains("genapi.db exists", (await RefusedVerbAsync(app)), StringComparison.Ordinal);
        File.Delete(Damage.Database(app));
        Assert.Contains("Move the folder blobs away", (await RefusedVerbAsync(app)), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(app.DataDirectory, "blobs"), recursive: true);
        await AssertRefusedAsync(app, "DataDirectory: the database genapi.db is missing");

        Assert.Equal(0, (await app.VerbAsync("start-anew")).ExitCode);

        await app.StartAgainAsync();
        Assert.Equal("GenApi; fwd=miss; stored", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
        Assert.Contains("another GenApi process uses", (await RefusedVerbAsync(app)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("cut")]
    [InlineData("overwritten head")]
    [InlineData("somebody else's")]
    [InlineData("newer")]
    public async Task A_database_that_is_damaged_or_not_ours_stays_as_it_is(string how)
    {
        await using var app = await StoppedAsync();
        var path = Damage.Database(app);
        await SpoilAsync(app, how);
        var before = await File.ReadAllBytesAsync(path, Ended);

        await AssertRefusedAsync(app, how == "newer" ? "Database: a newer GenApi wrote the file " : "Database: the file ");

        Assert.Equal(before, await File.ReadAllBytesAsync(path, Ended));
        Assert.Equal(how is "newer" or "somebody else's" ? 2 : 1, (await app.VerbAsync("fsck")).ExitCode);
        Assert.Equal(before, await File.ReadAllBytesAsync(path, Ended));
    }

    [Fact]
    public async Task A_database_that_another_process_locks_is_waited_for_and_then_told()
    {
        await using var app = await StoppedAsync();
        await using (var connection = new SqliteConnection($"Data Source={Damage.Database(app)};Pooling=False"))
        {
            await connection.OpenAsync(Ended);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE";
            await command.ExecuteNonQueryAsync(Ended);
            await AssertRefusedAsync(app, "Database: The database is locked by another process.");
        }
        await app.StartAgainAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("blobs")]
    public async Task A_folder_that_can_only_be_read_is_told(string part)
    {
        await using var app = await StoppedAsync();
        var folder = Path.Combine(app.DataDirectory, part);
        var isMounted = await TryRunAsync("mount", "--bind", folder, folder) && await TryRunAsync("mount", "-o", "remount,ro,bind", folder);
        if (!isMounted)
        {
            Assert.SkipWhen(Environment.IsPrivilegedProcess || OperatingSystem.IsWindows(),
                "Neither can a folder be mounted read-only here, nor do permissions hold.");
            Permit(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        try
        {
            var sentence = await AssertRefusedAsync(app, "DataDirectory: ");
            Assert.DoesNotContain("another GenApi", sentence, StringComparison.Ordinal);
        }
        finally
        {
            if (isMounted)
                await TryRunAsync("umount", folder);
            else
                Permit(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        await app.StartAgainAsync();
        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
    }

    /// <summary>Returns a stopped service with one image.</summary>
    private static async Task<GenApiApp> StoppedAsync()
    {
        var app = await GenApiApp.StartAsync();
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));
        await app.StopAsync();
        return app;
    }

    private static async Task SpoilAsync(GenApiApp app, string how)
    {
        var path = Damage.Database(app);
        var bytes = await File.ReadAllBytesAsync(path, Ended);
        switch (how)
        {
            case "garbage":
                Random.Shared.NextBytes(bytes);
                await File.WriteAllBytesAsync(path, bytes, Ended);
                break;
            case "cut":
                await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)], Ended);
                break;
            case "overwritten head":
                await File.WriteAllBytesAsync(path, [.. new byte[100], .. bytes[100..]], Ended);
                break;
            case "somebody else's":
                File.Delete(path);
                await Damage.ExecuteAsync(app, "CREATE TABLE Songs (Title TEXT)");
                break;
            default:
                await Damage.ExecuteAsync(app, "INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Later', '99.0')");
                break;
        }
    }

    private static async Task<string> AssertRefusedAsync(GenApiApp app, string beginning)
    {
        var (exitCode, output, errors) = await app.VerbAsync();
        StartupTests.AssertOneSentence(exitCode, output, errors);
        Assert.StartsWith(beginning, errors, StringComparison.Ordinal);
        return errors;
    }

    private static async Task<string> RefusedVerbAsync(GenApiApp app)
    {
        var (exitCode, _, errors) = await app.VerbAsync("start-anew");
        Assert.Equal(2, exitCode);
        return errors;
    }

    private static void Permit(string folder, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, mode);
    }

    private static async Task<bool> TryRunAsync(string program, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Ended);
        return process.ExitCode == 0;
    }
}
