using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Gallery.Selection;

/// <summary>The rights to the bin: a request gets all that it names, or nothing.</summary>
public sealed class BinAccessTests
{
    [Fact]
    public async Task A_key_bins_and_restores_what_it_made_and_nothing_else()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob, eve) = (await KeyAsync(app, "ann"), await KeyAsync(app, "bob"), await KeyAsync(app, "eve"));
        var (hers, shared) = (await app.GenerateAsync(Requests.Small(1), ann), await app.GenerateAsync(Requests.Small(2), ann));
        await app.GenerateAsync(Requests.Small(2), bob);
        var (own, both) = (hers.ImageIds()[0], shared.ImageIds()[0]);

        // Bob was only given the one; the other does not exist for him. Nothing exists for Eve.
        BinTests.AssertNames(await app.BinAsync([both], bob), 403, "forbidden", "$.ids[0]", both);
        BinTests.AssertNames(await app.BinAsync([both, own], bob), 404, "not_found", "$.ids[1]", own);
        BinTests.AssertNames(await app.BinAsync([own, both], eve), 404, "not_found", "$.ids[0]", own);
        BinTests.AssertNames(await app.ArchiveAsync([both, own], bob), 404, "not_found", "$.ids[1]", own);
        BinTests.AssertNames(await app.BinAsync([own, Unknown], ann), 404, "not_found", "$.ids[1]", Unknown);
        Assert.Equal(200, (await app.GetAsync($"/images/{own}", ann)).Status);
        Assert.Equal(200, (await app.GetAsync($"/images/{both}", bob)).Status);

        Assert.Equal(200, (await app.BinAsync([own, both], ann)).Status);

        Assert.Equal(404, (await app.GetAsync($"/images/{both}", bob)).Status);
        foreach (var key in new[] { bob, eve })
        {
            BinTests.AssertNames(await app.RestoreAsync([both], key), 404, "not_found", "$.ids[0]", both);
            BinTests.AssertNames(await app.BinAsync([both], key), 404, "not_found", "$.ids[0]", both);
            Assert.Equal(404, (await app.DeleteAsync($"/images/{both}", key)).Status);
        }
        BinTests.AssertNames(await app.RestoreAsync([own, both, Unknown], ann), 404, "not_found", "$.ids[2]", Unknown);
        Assert.Equal(404, (await app.GetAsync($"/images/{own}", ann)).Status);
        Assert.Equal(200, (await app.RestoreAsync([both, own], ann)).Status);
        Assert.Equal(200, (await app.GetAsync($"/images/{both}", bob)).Status);
        BinTests.AssertNames(await app.RestoreAsync([own], ann), 404, "not_found", "$.ids[0]", own);
    }

    [Fact]
    public async Task What_an_administrator_does_to_others_images_is_in_the_audit_log()
    {
        await using var app = await Keys.StartAsync();
        var ann = await KeyAsync(app, "ann");
        var (hers, admins) = (await app.GenerateAsync(Requests.Small(1), ann), await app.GenerateAsync(Requests.Small(2), Keys.AsAdmin));
        string[] ids = [hers.ImageIds()[0], admins.ImageIds()[0]];

        Assert.Equal(200, (await app.BinAsync(ids, Keys.AsAdmin)).Status);
        Assert.Equal(200, (await app.RestoreAsync(ids, Keys.AsAdmin)).Status);
        Assert.Equal(200, (await app.BinAsync([ids[0]], ann)).Status);

        var entries = (await app.GetAsync("/accounts/audit", Keys.AsAdmin))["data"].EnumerateArray().Reverse().Skip(1)
            .Select(entry => $"{entry.GetProperty("act")} {entry.GetProperty("thing_id")} {entry.GetProperty("detail")}");
        Assert.Equal([$"image.delete {ids[0]} of {hers.Id}", $"image.restore {ids[0]} of {hers.Id}"], entries);
    }

    [Fact]
    public async Task Five_hundred_at_once_go_and_come_back_and_one_more_is_refused()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        string[] ids = [.. made.ImageIds(), .. await app.AddFilesAsync(made.Id, 499, [1, 2, 3])];

        var over = await app.BinAsync([.. ids, Unknown]);
        BadInputTests.AssertProblem(over, 400, "invalid_request");
        Assert.Contains("1 to 500 ids", over["errors", "$.ids"][0].GetString(), StringComparison.Ordinal);
        Assert.Equal(500, (await app.BinAsync(ids))["ids"].GetArrayLength());
        Assert.Equal(500, await Damage.ExecuteAsync(app, "SELECT count(*) FROM Images WHERE BinnedAt IS NOT NULL"));
        Assert.Equal(500, (await app.RestoreAsync(ids))["ids"].GetArrayLength());
        Assert.Equal(0, await Damage.ExecuteAsync(app, "SELECT count(*) FROM Images WHERE BinnedAt IS NOT NULL"));
        await app.BinAsync(ids);
        await app.AgeBinAsync(TimeSpan.FromHours(1));
        Assert.Equal(500, await app.EmptyBinAsync());
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    private const string Unknown = "img_01knf4sgd2e4y8c25mgcv9w4c1";

    private static async Task<(string, string)> KeyAsync(GenApiApp app, string name) => Keys.Of((await app.MakeAsync(name)).Secret);
}
