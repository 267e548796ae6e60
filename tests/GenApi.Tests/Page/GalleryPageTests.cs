using GenApi.Tests.Gallery;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page;

/// <summary>Tests the gallery: its keyboard, links to pictures far down, comparing, and downloads.</summary>
public sealed class GalleryPageTests : PageTest
{
    [Fact]
    public async Task The_keyboard_alone_moves_opens_selects_pins_and_deletes()
    {
        await using var app = await GenApiApp.StartAsync();
        var ids = await FourAsync(app, 1);
        var visitor = await VisitAsync(app);
        var page = await visitor.OpenAsync("app/gallery");
        await Tile(page, ids[0]).FocusAsync();

        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(Tile(page, ids[1])).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Uri(app.Address, $"app/gallery?image={ids[1]}").ToString());
        await Expect(page.GetByRole(AriaRole.Complementary)).ToContainTextAsync("a red fox");
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page).ToHaveURLAsync(new Uri(app.Address, $"app/gallery?image={ids[2]}").ToString());
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Complementary)).ToHaveCountAsync(0);
        await Expect(Tile(page, ids[2])).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("p");
        await Expect(Tile(page, ids[2])).ToContainTextAsync("pinned");
        await page.Keyboard.PressAsync("Space");
        await page.Keyboard.PressAsync("Shift+ArrowRight");
        await Expect(page.GetByText("2 selected")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Delete");
        await Expect(page.GetByRole(AriaRole.Gridcell)).ToHaveCountAsync(2);
        // The focus goes on to a tile that is left.
        await Expect(Tile(page, ids[1])).ToBeFocusedAsync();
        await page.Button("Undo").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Gridcell)).ToHaveCountAsync(4);
        Assert.Equal(ids, await page.EvaluateAsync<string[]>(Shown));
    }

    [Fact]
    public async Task A_link_opens_a_picture_far_down_among_its_neighbours()
    {
        await using var app = await GenApiApp.StartAsync();
        for (var seed = 1; seed <= 14; seed++)
            await FourAsync(app, seed);
        var all = (await Listed.AllAsync(app, "?limit=100")).Ids;
        Assert.Equal(56, all.Count);
        var visitor = await VisitAsync(app);

        // The first page of the list has 48 rows.
        var page = await visitor.OpenAsync($"app/gallery?image={all[53]}");
        await Expect(page.GetByRole(AriaRole.Complementary)).ToContainTextAsync("a red fox");
        await Expect(Tile(page, all[53])).ToBeInViewportAsync();
        await page.Button("Newer picture").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(app.Address, $"app/gallery?image={all[52]}").ToString());
        await page.Button("Close").First.ClickAsync();
        await Expect(Tile(page, all[52])).ToBeFocusedAsync();
        // Upwards, the list goes on to the newest picture.
        for (var at = 51; at >= 0; at--)
        {
            await page.Keyboard.PressAsync("ArrowLeft");
            await Expect(Tile(page, all[at])).ToBeFocusedAsync();
        }
    }

    [Fact]
    public async Task Comparing_marks_the_settings_that_differ_and_a_download_has_the_chosen_format()
    {
        await using var app = await GenApiApp.StartAsync();
        var (first, second) = ((await FourAsync(app, 1))[0], (await FourAsync(app, 2))[0]);
        var visitor = await VisitAsync(app, Screen.Phone);

        var page = await visitor.OpenAsync($"app/gallery?compare={first},{second}");
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Seed differs" })).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Model", Exact = true })).ToHaveCountAsync(1);
        await page.AssertAccessibleAsync();
        await page.AssertNoSidewaysScrollingAsync();

        await visitor.GoAsync(page, $"app/gallery?image={first}");
        await page.GetByLabel("Format of the download").SelectOptionAsync("webp");
        await page.GetByLabel("Write the settings into the file").CheckAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.Button("Download").ClickAsync());
        Assert.EndsWith(".webp", download.SuggestedFilename, StringComparison.Ordinal);
        // The details take the whole screen of a phone; their back button leads to the list.
        await page.Button("Back to the gallery").ClickAsync();
        await Expect(Tile(page, first)).ToBeInViewportAsync();
    }

    /// <summary>The ids of the tiles, in their order.</summary>
    private const string Shown = "() => [...document.querySelectorAll('[role=gridcell]')].map(each => each.dataset.id)";

    private static ILocator Tile(IPage page, string id) => page.Locator($"[data-id={id}]");

    private static async Task<IReadOnlyList<string>> FourAsync(GenApiApp app, int seed) => Listed.ImagesOf(
        await app.GenerateAsync(new { prompt = "a red fox", model = "sd", width = 64, height = 64, num_outputs = 4, seed }));
}
