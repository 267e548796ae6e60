using System.Text.RegularExpressions;
using GenApi.Tests.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page;

/// <summary>Tests the view of usage: figures, charts with their tables, budgets, files, and what a key sees of the others.</summary>
public sealed class UsagePageTests : PageTest
{
    private static readonly Dictionary<string, string?> Prices = new()
    {
        ["Models:Prices:sandbox/partial:PerImage"] = "0.25",
        ["Accounts:Budget:Total"] = "9",
    };

    [Fact]
    public async Task Spending_stands_in_sums_bars_charts_tables_and_a_file()
    {
        await using var app = await Keys.StartAsync(Prices);
        var (_, shop) = await app.MakeBudgetedAsync(new { day = "1" });
        await app.GenerateAsync(Image(1, "ann"), Keys.Of(shop));
        await app.GenerateAsync(Image(1, "ann"), Keys.Of(shop));
        await app.GenerateAsync(Image(2, "bob"), Keys.Of(shop));
        var ann = await VisitAsync(app);
        await ann.SignInAsync(shop);

        var page = await ann.OpenAsync("app/usage?period=30-days");

        await Expect(page.Locator(".usage-totals")).ToContainTextAsync("$0.50");
        await Expect(page.Locator(".usage-budget")).ToHaveCountAsync(1);
        await Expect(page.Locator(".usage-budget")).ToContainTextAsync("$0.50 of $1.00 spent");
        // By day, model and person; there is only one key, and the key sees nothing of the budget of all.
        await Expect(page.Locator(".usage-chart canvas")).ToHaveCountAsync(3);
        await Expect(page.GetByText("All keys together")).ToHaveCountAsync(0);
        await page.Locator("section", new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = "By person" }) })
            .GetByText("Figures of this chart").ClickAsync();
        var table = page.GetByRole(AriaRole.Table, new() { Name = "By person" });
        await Expect(table.GetByRole(AriaRole.Row, new() { NameRegex = Row("ann", "$0.25", 1) })).ToBeVisibleAsync();
        await Expect(table.GetByRole(AriaRole.Row, new() { NameRegex = Row("bob", "$0.25", 1) })).ToBeVisibleAsync();

        var file = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Download CSV: By person" }).ClickAsync());
        Assert.EndsWith("-end_user.csv", file.SuggestedFilename, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(await file.PathAsync(), TestContext.Current.CancellationToken);
        Assert.StartsWith("group,name,runs,", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("ann,", StringComparison.Ordinal));

        // A choice stands in the address, so a reload keeps it.
        await page.GetByLabel("Person", new() { Exact = true }).SelectOptionAsync("bob");
        await Expect(page.Locator(".usage-totals")).ToContainTextAsync("$0.25");
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Person", new() { Exact = true })).ToHaveValueAsync("bob");
        await Expect(page.Locator(".usage-totals")).ToContainTextAsync("$0.25");
    }

    [Fact]
    public async Task Administrators_see_keys_and_the_budget_of_all_and_a_period_without_usage_says_so()
    {
        await using var app = await Keys.StartAsync(Prices);
        var (_, shop) = await app.MakeBudgetedAsync(new { day = "1" });
        await app.GenerateAsync(Image(1, "<b>ann</b>"), Keys.Of(shop));
        var admin = await VisitAsync(app, Screen.Phone);
        await admin.SignInAsync(Keys.Admin);

        var page = await admin.OpenAsync("app/usage?period=30-days");

        await Expect(page.Locator(".usage-budget")).ToHaveCountAsync(2);
        await Expect(page.Locator(".usage-budget").Filter(new() { HasText = "All keys together" })).ToContainTextAsync("$8.75 left");
        await Expect(page.Locator(".usage-budget").Filter(new() { HasText = "shop" })).ToContainTextAsync("$0.75 left");
        await Expect(page.Locator(".usage-chart canvas")).ToHaveCountAsync(4);
        // What callers write stays text.
        var people = page.GetByLabel("Person", new() { Exact = true });
        await Expect(people.Locator("option", new() { HasText = "<b>ann</b>" })).ToHaveCountAsync(1);
        await page.GetByLabel("Period", new() { Exact = true }).SelectOptionAsync("own");
        await page.GetByLabel("To", new() { Exact = true }).FillAsync("2026-01-02");
        await Expect(page.GetByText("No usage in this period")).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(new Regex("to=2026-01-02"));
    }

    private static object Image(int seed, string user) =>
        new { prompt = "a red fox", model = "sandbox/partial", seed, num_outputs = 1, width = 64, height = 64, user };

    private static Regex Row(string name, string spent, int runs) =>
        new($"^{Regex.Escape(name)}\\s+{Regex.Escape(spent)}\\s+\\S+\\s+{runs}\\b");
}
