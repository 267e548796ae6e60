using GenApi.Tests.Accounts;
using Microsoft.Playwright;

namespace GenApi.Tests.Page;

/// <summary>
/// Looks at every view in four ways: at 1280 and 390 pixels, light and dark. Axe finds nothing, nothing scrolls sideways, and no view
/// complains. <see cref="Screenshots"/> keeps the pictures if asked.
/// </summary>
public sealed class ViewTests(PageHouse house) : PageTest, IClassFixture<PageHouse>
{
    /// <summary>The only rule of axe that depends on the colours.</summary>
    private const string Contrast = "color-contrast";

    [Theory]
    [InlineData("create", "")]
    [InlineData("gallery", "app/gallery")]
    [InlineData("picture", "app/gallery?image={image}")]
    [InlineData("runs", "app/runs")]
    [InlineData("run", "app/runs?run={run}")]
    [InlineData("usage", "app/usage")]
    [InlineData("models", "app/models")]
    [InlineData("settings", "app/settings")]
    public async Task A_view_fits_its_screen_and_everybody_can_use_it(string name, string path)
    {
        var newest = (await house.App.GetAsync("/images?limit=1", Keys.AsAdmin))["data"][0];
        path = path.Replace("{image}", newest.GetProperty("id").GetString(), StringComparison.Ordinal)
            .Replace("{run}", newest.GetProperty("generation_id").GetString(), StringComparison.Ordinal);
        var admin = await VisitAsync(house.App);
        await admin.SignInAsync(Keys.Admin);

        await LookAsync(admin, name, path);
    }

    [Theory]
    [InlineData("sign-in", "app/gallery")]
    [InlineData("none", "app/nothing")]
    public async Task So_do_the_views_of_those_who_are_not_signed_in_or_lost(string name, string path)
    {
        var visitor = await VisitAsync(house.App);
        if (name == "none")
            await visitor.SignInAsync(house.Ann);

        await LookAsync(visitor, name, path);
    }

    [Fact]
    public async Task Every_view_speaks_German_too()
    {
        var visitor = await VisitAsync(house.App, locale: "de-DE");
        await visitor.SignInAsync(Keys.Admin);
        var page = await visitor.OpenAsync();
        string[] names = ["Erstellen", "Galerie", "Läufe", "Verbrauch", "Modelle", "Einstellungen"];

        var links = page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link);
        Assert.Equal(names.Length, await links.CountAsync());
        for (var at = 0; at < names.Length; at++)
        {
            await links.Nth(at).ClickAsync();
            await page.ReadyAsync();
            await page.SettledAsync();
            Assert.Equal("de", await page.Locator("html").GetAttributeAsync("lang"));
        }
    }

    private static async Task LookAsync(Visitor visitor, string name, string path)
    {
        var page = await visitor.OpenAsync(path);
        foreach (var screen in (Screen[])[Screen.Desktop, Screen.Phone])
        {
            await page.SetViewportSizeAsync(screen.Width, screen.Height);
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
            await page.SettledAsync();
            await page.AssertNoSidewaysScrollingAsync();
            await page.AssertAccessibleAsync();
            var folder = screen.IsPhone ? "phone/" : "";
            await Screenshots.KeepAsync(page, $"{folder}{name}");
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
            await page.SettledAsync();
            await page.AssertAccessibleAsync(Contrast);
            await Screenshots.KeepAsync(page, $"{folder}{name}-dark");
        }
    }
}
