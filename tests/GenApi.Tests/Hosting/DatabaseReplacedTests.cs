using System.Globalization;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Hosting;

/// <summary>The database is replaced or overwritten while the service runs, or while it is stopped.</summary>
[OnlyOnSqlite]
public sealed class DatabaseReplacedTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("written over")]
    [InlineData("replaced")]
    [InlineData("deleted")]
    [InlineData("log deleted")]
    public async Task It_is_noticed_and_nothing_is_accepted_or_paid_for(string how)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Logging:LogLevel:Default"] = "None" });
        await app.GenerateAsync(Requests.Small(1));
        var backup = Path.Combine(app.Folder, "backup");
        Assert.Equal(0, (await app.VerbAsync("backup", backup)).ExitCode);
        await app.GenerateAsync(Requests.Small(2));
        var database = Damage.Database(app);
        switch (how)
        {
            case "written over":
                // As cp does: the same file with other bytes.
                await using (var target = new FileStream(database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
                {
                    var bytes = await File.ReadAllBytesAsync(Path.Combine(backup, "genapi.db"), Ended);
                    await target.WriteAsync(bytes, Ended);
                    target.SetLength(bytes.Length);
                }
                break;
            case "replaced":
                File.Copy(Path.Combine(backup, "genapi.db"), database + ".new");
                File.Move(database + ".new", database, overwrite: true);
                break;
            case "deleted":
                File.Delete(database);
                break;
            default:
                File.Delete(database + "-wal");
                break;
        }

        var refused = await app.GenerateAsync(Requests.Small(3));
        Assert.Equal((503, "storage_unavailable"), (refused.Status, refused.Code));
        Assert.Equal(503, (await app.GetAsync("/generations")).Status);
        var ready = await app.GetAsync("/health/ready");
        Assert.Equal((503, "fail"), (ready.Status, ready["checks", "database", "status"].GetString()));
        Assert.Contains("database", ready["checks", "database", "output"].GetString(), StringComparison.Ordinal);
        Assert.Equal(2, app.Sandbox.Stats.CreationAttempts);

        await app.StopAsync();
        if (how is not ("written over" or "replaced"))
            return;
        // The old log must not be mixed into the new file.
        var (exitCode, _, errors) = await app.VerbAsync();
        Assert.Equal(1, exitCode);
        Assert.StartsWith("Database: the file genapi.db was replaced, but genapi.db-wal next to it belongs to the previous one", errors,
            StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
        File.Delete(database + "-wal");
        File.Delete(database + "-shm");
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(backup, "genapi.db"), Ended), await File.ReadAllBytesAsync(database, Ended));
        await app.StartAgainAsync();
        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
    }

    [Fact]
    public async Task A_database_whose_pages_are_damaged_is_refused_and_left_as_it_is()
    {
        await using var app = await GenApiApp.StartAsync();
        for (var seed = 1; seed <= 20; seed++)
            await app.GenerateAsync(Requests.Small(seed));
        var page = int.Parse(
            (await app.Store.QueryAsync("SELECT rootpage FROM sqlite_master WHERE name = 'IX_Images_BlobKey'")).Single(),
            CultureInfo.InvariantCulture);
        await app.StopAsync();
        var path = Damage.Database(app);
        var whole = await File.ReadAllBytesAsync(path, Ended);
        byte[] damaged = [.. whole];
        damaged.AsSpan((page - 1) * 4096, 4096).Clear();
        await File.WriteAllBytesAsync(path, damaged, Ended);

        var (exitCode, _, errors) = await app.VerbAsync();

        Assert.Equal(1, exitCode);
        Assert.StartsWith("Database: the file is damaged (", errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
        Assert.Equal(damaged, await File.ReadAllBytesAsync(path, Ended));
        await File.WriteAllBytesAsync(path, whole, Ended);
        await app.StartAgainAsync();
        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
    }

    [Fact]
    public async Task A_key_made_by_another_process_and_a_check_beside_the_service_are_no_replacement()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        Assert.Equal(0, (await Damage.FsckAsync(app)).ExitCode);
        Assert.Equal(0, (await app.VerbAsync("keys", "create", "--name", "somebody")).ExitCode);
        await Damage.ExecuteAsync(app, "PRAGMA wal_checkpoint(TRUNCATE)");

        Assert.NotEqual(503, (await app.GenerateAsync(Requests.Small(2))).Status);
        Assert.Equal(200, (await app.GetAsync("/health/ready")).Status);
    }
}
