using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page.Trouble;

/// <summary>A deletion is not final, and a picture whose bytes are lost says so.</summary>
public sealed class LossTests : PageTest
{
    [Fact]
    public async Task What_was_deleted_comes_back_at_once_or_after_a_reload()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1, "a red fox"));
        await app.GenerateAsync(Requests.Small(2, "a blue fox"));
        var visitor = await VisitAsync(app);
        var page = await visitor.OpenAsync("app/gallery");
        var tile = page.GetByRole(AriaRole.Gridcell, new() { Name = "a red fox", Exact = true });

        // A file that is asked for while its picture is in the bin is a 404, which the browser notes as an error.
        await tile.Locator("img").LoadedAsync();
        await tile.FocusAsync();
        await page.Keyboard.PressAsync("Delete");
        await Expect(tile).ToHaveCountAsync(0);
        await page.Button("Undo").ClickAsync();
        await Expect(tile).ToHaveCountAsync(1);
        await tile.Locator("img").LoadedAsync();
        await tile.FocusAsync();
        await page.Keyboard.PressAsync("Delete");
        await Expect(tile).ToHaveCountAsync(0);
        // The stream may say that it is gone before the answer does, which has the time until which it can come back.
        await Expect(page.Button("Undo")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Gridcell, new() { Name = "a blue fox", Exact = true })).ToHaveCountAsync(1);
        await Expect(tile).ToHaveCountAsync(0);
        await page.Button("Restore deleted").ClickAsync();

        await Expect(tile).ToHaveCountAsync(1);
        await tile.Locator("img").LoadedAsync();
    }

    [Fact]
    public async Task A_picture_whose_file_is_lost_says_so_and_can_be_made_again()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Blobs:HotBytes"] = "0", ["Logging:LogLevel:Default"] = "None" });
        var made = await app.GenerateAsync(Requests.Small(1, "a red fox"));
        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(made));
        var visitor = await VisitAsync(app);
        visitor.Expect("500 ");

        var page = await visitor.OpenAsync("app/gallery");
        await Expect(page.GetByText("The file of this picture is lost.").First).ToBeVisibleAsync();
        await page.AssertAccessibleAsync();
    }
}
