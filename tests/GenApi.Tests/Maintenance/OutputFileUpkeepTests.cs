using GenApi.Tests.Servers;

namespace GenApi.Tests.Maintenance;

/// <summary>The check, the backup and retention treat the files of an output like its images.</summary>
public sealed class OutputFileUpkeepTests
{
    [Fact]
    public async Task A_lost_file_is_told_by_its_own_name_and_its_generation_answers_no_more()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Clip(1));
        var file = made["files"][0];
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
        await app.Store.Blobs.DeleteAsync(file.GetProperty("sha256").GetString()!);

        var (exitCode, report) = await Damage.FsckAsync(app, "--repair");

        Assert.Equal((0, "blob_missing 1"), (exitCode, Damage.Kinds(report)));
        Assert.Equal($"file {file.GetProperty("id").GetString()}", Damage.Subject(report));
        await app.StartAgainAsync();
        Assert.Equal(500, (await app.GetAsync(new Uri(file.GetProperty("url").GetString()!).PathAndQuery)).Status);
        Assert.Equal("GenApi; fwd=miss; stored", (await app.GenerateAsync(Clip(1))).Header("Cache-Status"));
    }

    [Fact]
    public async Task A_generation_of_text_alone_is_whole()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/words", seed = 1 });
        await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/video", seed = 1 });
        await app.StopAsync();

        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task A_file_without_its_generation_is_told()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/video", seed = 1 });
        await app.StopAsync();
        await Damage.ExecuteAsync(app,
            "DELETE FROM Generations; DELETE FROM UsageEntries; DELETE FROM UsageDays; DELETE FROM BudgetPeriods");

        var (_, report) = await Damage.FsckAsync(app);

        Assert.Contains("file_without_generation 1", Damage.Kinds(report), StringComparison.Ordinal);
        Assert.Contains(made["files"][0].GetProperty("id").GetString()!, report.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_backup_has_the_files()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Clip(1));
        var backup = Path.Combine(app.Folder, "backup");

        var (exitCode, _, errors) = await app.VerbAsync("backup", backup);

        Assert.True(exitCode == 0, errors);
        Assert.Single(Directory.EnumerateFiles(backup, made["files"][0].GetProperty("sha256").GetString()!, SearchOption.AllDirectories));
    }

    private static object Clip(int seed) => new { prompt = "a fox", model = "sandbox/clip", seed, width = 64, height = 64 };
}
