using Microsoft.Playwright;
using static GenApi.Tests.Uploads.InputPictures;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page.Create;

/// <summary>A mask that is painted over a picture of the form.</summary>
public sealed class MaskPaintingTests : PageTest
{
    private const int Side = 256;

    /// <summary>The second model repaints black by its own word.</summary>
    [Theory]
    [InlineData("stability-ai/sdxl")]
    [InlineData("ideogram-ai/ideogram-v2")]
    public async Task What_is_painted_is_made_anew_and_the_rest_stays_whatever_the_model_means_by_a_mask(string model)
    {
        await using var app = await GenApiApp.StartAsync();
        var page = await (await VisitAsync(app)).OpenAsync($"?model={Uri.EscapeDataString(model)}");
        await page.Locator("input[data-field=image]").SetInputFilesAsync(
            new FilePayload { Name = "plain.png", MimeType = "image/png", Buffer = Plain(Side, Side) });
        await Expect(page.Locator(".create-input-state")).ToHaveCountAsync(0);

        await page.Button("Paint a mask").ClickAsync();
        var canvas = page.Locator(".mask-canvas");
        await Expect(canvas).ToHaveAttributeAsync("width", $"{Side}");
        await Expect(page.Button("Use this mask")).ToBeDisabledAsync();
        await page.AssertAccessibleAsync();
        await page.AssertNoSidewaysScrollingAsync();
        // A dot in the middle by the keyboard is taken back; a line on the left by the pointer stays.
        await canvas.PressAsync(" ");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.Button("Use this mask")).ToBeDisabledAsync();
        var box = (await canvas.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width / 4, box.Y + box.Height * 0.4f);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width / 4, box.Y + box.Height * 0.6f, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await page.Button("Use this mask").ClickAsync();
        await Expect(page.GetByText("painted mask.png")).ToBeVisibleAsync();
        await Expect(page.Locator(".create-input-state")).ToHaveCountAsync(0);
        await page.GenerateAsync("a red fox");
        await page.GetByAltText("a red fox", new() { Exact = true }).First.LoadedAsync();

        var made = (await app.GetAsync("/generations?limit=1"))["data"][0];
        var image = made.GetProperty("images")[0].GetProperty("id").GetString();
        var picture = (await app.GetAsync($"/images/{image}")).Body;
        Assert.False(IsPlainAt(picture, 0.25, 0.5));
        Assert.True(IsPlainAt(picture, 0.5, 0.5));
        Assert.True(IsPlainAt(picture, 0.75, 0.5));
    }
}
