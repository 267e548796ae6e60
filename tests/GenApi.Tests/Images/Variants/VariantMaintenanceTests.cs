using System.Globalization;
using GenApi.Core.Maintenance.Checks;
using GenApi.Core.Maintenance.Cleanup;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Images.Variants;

/// <summary>Variants go with their image, before everything else that needs room, and are known to fsck, the scan and the backup.</summary>
public sealed class VariantMaintenanceTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("image")]
    [InlineData("generation")]
    public async Task Deleting_an_image_or_its_generation_takes_the_variants_along(string what)
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.PictureAsync(1);
        var other = await app.PictureAsync(2);
        var otherTag = (await app.GetAsync($"{other.Path()}?width=64")).Header("ETag");
        foreach (var query in new[] { "?width=64", "?width=128", "?format=webp" })
            Assert.Equal(200, (await app.GetAsync(made.Path() + query)).Status);
        Assert.Equal((4, 6), (await VariantHelp.RowsAsync(app), await VariantHelp.BlobsAsync(app)));

        Assert.Equal(204, (await app.DeleteAsync(what == "image" ? made.Path() : $"/generations/{made.Id}")).Status);

        Assert.Equal((1, 2), (await VariantHelp.RowsAsync(app), await VariantHelp.BlobsAsync(app)));
        Assert.Equal(404, (await app.GetAsync($"{made.Path()}?width=64")).Status);
        Assert.Equal(otherTag, (await app.GetAsync($"{other.Path()}?width=64")).Header("ETag"));
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task Bytes_that_are_a_variant_and_an_original_stay_while_one_of_them_is_there()
    {
        await using var app = await GenApiApp.StartAsync();
        var (made, other) = (await app.PictureAsync(1), await app.PictureAsync(2));
        var variant = await app.GetAsync($"{made.Path()}?width=64&format=webp");
        var same = await VariantHelp.StoreAsync(app, other, variant.Body);
        Assert.Equal(3, await VariantHelp.BlobsAsync(app));

        Assert.Equal(204, (await app.DeleteAsync(made.Path())).Status);
        Assert.Equal(variant.Body, (await app.GetAsync(same)).Body);

        // And the other way round.
        var own = await app.GetAsync($"{other.Path()}?width=64&format=webp");
        var twin = await VariantHelp.StoreAsync(app, other, own.Body, index: 2);
        Assert.Equal(204, (await app.DeleteAsync(twin)).Status);
        Assert.Equal(own.Body, (await app.GetAsync($"{other.Path()}?width=64&format=webp")).Body);
    }

    [Fact]
    public async Task A_store_that_is_too_large_loses_variants_first_and_the_longest_unused_of_them()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.PictureAsync(1);
        await Damage.ExecuteAsync(
            app, $"UPDATE Generations SET UsedOn = {TestStore.Day(-9)}, CompletedAt = CompletedAt - {TimeSpan.FromHours(2).Ticks}");
        foreach (var query in new[] { "?format=png", "?width=128", "?width=64" })
            await app.GetAsync(made.Path() + query);
        await Damage.ExecuteAsync(app, $"UPDATE ImageVariants SET UsedOn = {TestStore.Day(-1)} WHERE Width = 128");
        await Damage.ExecuteAsync(app, $"UPDATE ImageVariants SET UsedOn = {TestStore.Day(-2)} WHERE Width = 64");
        var total = await BytesAsync(app);

        await app.RestartAsync(new() { ["Upkeep:MaxBytes"] = (total - 1).ToString(CultureInfo.InvariantCulture) });
        // A use counts although its row does not say so yet.
        await app.GetAsync($"{made.Path()}?width=64");
        await BytesAsync(app);
        await app.Services.GetRequiredService<MaintenanceWorker>().RoundAsync(Ended);

        Assert.Equal(0, await Damage.ExecuteAsync(app, "SELECT count(*) FROM ImageVariants WHERE Width = 128"));
        Assert.Equal(2, await VariantHelp.RowsAsync(app));
        Assert.Equal(200, (await app.GetAsync($"/generations/{made.Id}")).Status);

        var kept = (await app.Store.Blobs.ReadAsync(Damage.KeyOf(made))).Length;
        await app.RestartAsync(new() { ["Upkeep:MaxBytes"] = (kept * 1.06).ToString("0", CultureInfo.InvariantCulture) });
        await BytesAsync(app);
        await app.Services.GetRequiredService<MaintenanceWorker>().RoundAsync(Ended);
        Assert.Equal((0, 1), (await VariantHelp.RowsAsync(app), await VariantHelp.BlobsAsync(app)));
        Assert.Equal(200, (await app.GetAsync($"{made.Path()}?width=64")).Status);
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task Variants_that_nobody_fetched_for_so_many_days_go_and_a_fetched_one_is_a_use_of_its_generation()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Upkeep:KeepDays"] = "30" });
        var made = await app.PictureAsync(1);
        await app.GetAsync($"{made.Path()}?width=64");
        await app.GetAsync($"{made.Path()}?width=128");
        await Damage.ExecuteAsync(app, $"UPDATE ImageVariants SET UsedOn = {TestStore.Day(-31)}");
        await app.RestartAsync();
        await app.GetAsync($"{made.Path()}?width=64");
        var retention = app.Services.GetRequiredService<Retention>();

        await retention.SaveUsesAsync(TimeProvider.System.GetUtcNow(), Ended);
        await retention.ForgetUnusedAsync(TimeProvider.System.GetUtcNow(), Ended);

        Assert.Equal((1, 64), (await VariantHelp.RowsAsync(app), await Damage.ExecuteAsync(app, "SELECT Width FROM ImageVariants")));
        Assert.Equal(2, await VariantHelp.BlobsAsync(app));
        Assert.Equal(3, await Damage.ExecuteAsync(app, "SELECT Fetches FROM Generations"));
    }

    [Fact]
    public async Task An_image_keeps_at_most_64_variants_and_none_of_an_earlier_recipe()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.PictureAsync(1);
        for (var quality = 1; quality <= 64; quality++)
            await app.GetAsync($"{made.Path()}?width=64&format=jpeg&quality={quality}");
        await Damage.ExecuteAsync(app, $"UPDATE ImageVariants SET UsedOn = {TestStore.Day(-1)} WHERE Recipe LIKE '%:jpeg:7:%'");

        await app.GetAsync($"{made.Path()}?width=128");

        Assert.Equal(64, await VariantHelp.RowsAsync(app));
        Assert.Equal(0, await Damage.ExecuteAsync(app, "SELECT count(*) FROM ImageVariants WHERE Recipe LIKE '%:jpeg:7:%'"));
        Assert.Equal(200, (await app.GetAsync($"{made.Path()}?width=64&format=jpeg&quality=7")).Status);

        await Damage.ExecuteAsync(app, "UPDATE ImageVariants SET Recipe = '0' || Recipe");
        await app.RestartAsync();
        Assert.Equal(200, (await app.GetAsync($"{made.Path()}?width=128")).Status);
        Assert.Equal((1, 2), (await VariantHelp.RowsAsync(app), await VariantHelp.BlobsAsync(app)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fsck_mends_a_lost_variant_by_forgetting_it(bool isDamaged)
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.PictureAsync(1);
        var variant = await app.GetAsync($"{made.Path()}?width=64");
        await app.StopAsync();
        await LoseAsync(app, VariantHelp.KeyOf(variant), isDamaged);

        var (found, report) = await Damage.FsckAsync(app);

        Assert.Equal((0, "", "variant_lost 1"), (found, Damage.Kinds(report), Damage.Mending(report)));
        Assert.StartsWith("variant var_", Damage.Subject(report), StringComparison.Ordinal);
        Assert.Equal(1, await VariantHelp.RowsAsync(app));
        Assert.Equal(0, (await Damage.FsckAsync(app, "--repair")).ExitCode);
        Assert.Equal(0, await VariantHelp.RowsAsync(app));
        Assert.Equal("", Damage.Mending((await Damage.FsckAsync(app)).Report));
        await app.StartAgainAsync();
        Assert.Equal(variant.Body, (await app.GetAsync($"{made.Path()}?width=64")).Body);
    }

    [Fact]
    public async Task Fsck_removes_a_variant_without_its_image()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GetAsync($"{(await app.PictureAsync(1)).Path()}?width=64");
        await app.StopAsync();
        await Damage.ExecuteAsync(app, $"UPDATE ImageVariants SET ImageId = {app.Store.Id(Guid.Empty)}");

        var (_, report) = await Damage.FsckAsync(app, "--repair");

        Assert.Equal("variant_without_image 1", Damage.Kinds(report));
        Assert.Equal((0, 1), (await VariantHelp.RowsAsync(app), await VariantHelp.BlobsAsync(app)));
        await Damage.AssertSoundAsync(app);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_scan_forgets_a_lost_variant_and_no_generation_is_withdrawn(bool isDamaged)
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.PictureAsync(1);
        var variant = await app.GetAsync($"{made.Path()}?width=64");
        await LoseAsync(app, VariantHelp.KeyOf(variant), isDamaged);

        await app.Services.GetRequiredService<BlobScan>().RunAsync(Ended);

        Assert.Equal(0, await VariantHelp.RowsAsync(app));
        Assert.Equal("GenApi; hit", (await app.PictureAsync(1)).Header("Cache-Status"));
        Assert.Equal("pass", (await app.GetAsync("/health/ready"))["checks", "store", "status"].GetString());
        Assert.Equal(variant.Body, (await app.GetAsync($"{made.Path()}?width=64")).Body);
    }

    [Fact]
    [OnlyOnSqlite]
    [OnlyOnDisk]
    public async Task A_backup_leaves_variants_out_and_the_restored_service_makes_them_again()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.PictureAsync(1);
        var variant = await app.GetAsync($"{made.Path()}?width=64");
        var backup = Path.Combine(app.Folder, "backup");

        var (exitCode, _, errors) = await app.VerbAsync("backup", backup);

        Assert.True(exitCode == 0, errors);
        Assert.Equal(Damage.KeyOf(made), Path.GetFileName(
            Assert.Single(Directory.GetFiles(Path.Combine(backup, "blobs"), "*", SearchOption.AllDirectories))));
        Assert.Equal(0, await CountAsync(Path.Combine(backup, "genapi.db")));
        Assert.Equal(1, await VariantHelp.RowsAsync(app));
        await app.StopAsync();
        await app.StartAgainAsync(new() { ["DataDirectory"] = backup });
        Assert.Equal(variant.Body, (await app.GetAsync($"{made.Path()}?width=64")).Body);
    }

    private static async Task LoseAsync(GenApiApp app, string key, bool isDamaged)
    {
        if (isDamaged)
            await app.Store.Blobs.SpoilAsync(key);
        else
            await app.Store.Blobs.DeleteAsync(key);
    }

    private static async Task<long> CountAsync(string database)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        await connection.OpenAsync(Ended);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM ImageVariants";
        return (long)(await command.ExecuteScalarAsync(Ended))!;
    }

    private static async Task<long> BytesAsync(GenApiApp app)
    {
        // The size is counted shortly after the start.
        long? counted;
        while ((counted = app.Services.GetRequiredService<StoreSpace>().Bytes) is null)
            await app.GetAsync("/health/live");
        return counted.Value;
    }
}
