using GenApi.Tests.Accounts;
using GenApi.Tests.Accounts.Sessions;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Persistence;

/// <summary>The whole service on PostgreSQL, directly and behind a pooler.</summary>
public sealed class PostgresServiceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_its_lists_and_its_end_are_the_same_after_a_restart(bool throughPooler)
    {
        await using var house = await PostgresHouse.StartAsync(throughPooler: throughPooler);
        var app = house.App;

        var made = await app.GenerateAsync(Requests.Small(1));
        await Requests.AssertWholeAsync(app, made);
        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
        await app.RestartAsync();

        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
        foreach (var path in new[] { "/generations?q=fox", "/generations?status=succeeded", "/images", "/images?q=red" })
        {
            var list = await app.GetAsync(path);
            Assert.True(list.Status == 200, $"{path}: {list.Text}");
            Assert.Single(list["data"].EnumerateArray());
        }
        foreach (var path in new[] { "/usage", "/images/tags", "/models", "/accounts/audit", "/health/ready", "/status", "/metrics" })
            Assert.Equal((path, 200), (path, (await app.GetAsync(path)).Status));
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}")).Status);
        Assert.Empty((await app.GetAsync("/generations?q=fox"))["data"].EnumerateArray());
        Assert.Equal(0, await house.Store.ExecuteAsync("SELECT count(*) FROM PromptTerms"));
    }

    [Fact]
    public async Task Sums_that_were_changed_by_hand_are_found_and_made_again()
    {
        await using var house = await PostgresHouse.StartAsync();
        await house.App.GenerateAsync(Requests.Small(1));
        await house.App.StopAsync();
        await house.Store.ExecuteAsync("UPDATE UsageDays SET Runs = Runs + 1; UPDATE BudgetPeriods SET SpentMicros = SpentMicros + 1000");
        await house.Store.ExecuteAsync("DELETE FROM PromptTerms WHERE Account = 0");

        var (found, report) = await Damage.FsckAsync(house.App);
        Assert.NotEqual(0, found);
        foreach (var kind in new[] { "usage_sums", "budget_wrong", "database_damaged" })
            Assert.True(report.GetProperty("problems").TryGetProperty(kind, out _), $"{kind}: {report.GetRawText()}");

        await Damage.FsckAsync(house.App, "--repair");
        await Damage.AssertSoundAsync(house.App);
    }

    [Fact]
    public async Task A_session_and_a_signing_secret_hold_at_an_instance_with_another_folder()
    {
        await using var house = await PostgresHouse.StartAsync(settings: new() { ["Accounts:AdminKey"] = Keys.Admin });
        var browser = new PageBrowser(house.App);
        await browser.SignInAsync(Keys.Admin);
        var before = await house.App.GetAsync("/accounts/me/webhook-secret", Keys.AsAdmin);

        await house.App.RestartAsync(new() { ["DataDirectory"] = Path.Combine(house.App.Folder, "elsewhere") });

        Assert.Equal(200, (await browser.SendAsync("GET", "/accounts/me")).Status);
        Assert.Equal(before.Text, (await house.App.GetAsync("/accounts/me/webhook-secret", Keys.AsAdmin)).Text);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(house.App.Folder, "elsewhere"), "*key*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("/generations?model=a%00b", "model")]
    [InlineData("/images?model=a%00b", "model")]
    [InlineData("/generations?q=a%00b", "q")]
    public async Task A_filter_with_a_zero_character_is_refused_on_both_engines(string path, string member)
    {
        await using var house = await PostgresHouse.StartAsync();
        await using var file = await GenApiApp.StartAsync(new() { ["Database:Provider"] = "sqlite", ["Blobs:Provider"] = "disk" });

        foreach (var app in new[] { house.App, file })
        {
            var refused = await app.GetAsync(path);
            Assert.Equal(400, refused.Status);
            Assert.Equal($"'{member}' holds U+0000, which is not text. Leave it out.", refused["errors", member][0].GetString());
        }
    }
}
