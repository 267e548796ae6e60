using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page.Lasting;

/// <summary>The page below a path of a proxy, and a tab that is older than the service.</summary>
public sealed class OldPageTests : PageTest
{
    [Fact]
    public async Task The_page_works_below_a_path_and_after_a_reload_of_any_view()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Hosting:PathBase"] = "/tools/genapi" });
        var visitor = await VisitAsync(new Uri(app.Address, "tools/genapi/"));
        app.EndsBefore.Add(visitor.DisposeAsync);
        var page = await visitor.OpenAsync();
        await page.GenerateAsync("a red fox");
        await page.GetByAltText("a red fox", new() { Exact = true }).First.LoadedAsync();

        foreach (var name in (string[])["Gallery", "Runs", "Usage", "Models", "Settings"])
        {
            await page.Link(name).ClickAsync();
            await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex($"/tools/genapi/app/{name.ToLowerInvariant()}$"));
            await Expect(page.Locator("main h1").First).ToHaveTextAsync(name);
            await page.ReloadAsync();
            await Expect(page.Locator("main h1").First).ToHaveTextAsync(name);
        }
        await page.GoBackAsync();
        await Expect(page.Locator("main h1").First).ToHaveTextAsync("Models");
    }

    [Fact]
    public async Task A_tab_from_before_an_upgrade_loads_the_new_page_when_a_file_of_the_old_one_is_gone()
    {
        await using var app = await GenApiApp.StartAsync();
        var visitor = await VisitAsync(app);
        visitor.Expect("404 GET");
        var page = await visitor.OpenAsync();
        await page.Prompt().FillAsync("a red fox, half typed");
        // As if the service had been replaced meanwhile: the folder that this tab knows is gone until the page is loaded again.
        var isOld = true;
        await page.RouteAsync("**/views/runs.js", route => isOld ? route.FulfillAsync(new() { Status = 404 }) : route.ContinueAsync());
        page.Load += (_, _) => isOld = false;

        await page.Link("Runs").ClickAsync();

        await Expect(page.Locator("main h1").First).ToHaveTextAsync("Runs");
        await page.Link("Create").ClickAsync();
        await Expect(page.Prompt()).ToHaveValueAsync("a red fox, half typed");
    }
}
