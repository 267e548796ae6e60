using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page.Lasting;

/// <summary>What was typed, uploaded and started survives a reload, a second device and the next picture.</summary>
public sealed class StateTests : PageTest
{
    [Fact]
    public async Task A_reload_in_the_middle_loses_neither_the_form_nor_the_running_job()
    {
        await using var app = await GenApiApp.StartAsync();
        var visitor = await VisitAsync(app);
        var page = await visitor.OpenAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        await page.GenerateAsync("a red fox");
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        await page.Prompt().FillAsync("a blue fox, not yet sent");

        await page.ReloadAsync();

        await Expect(page.Prompt()).ToHaveValueAsync("a blue fox, not yet sent");
        await Expect(page.GetByRole(AriaRole.Progressbar).First).ToBeVisibleAsync();
        held.Release();
        await page.GetByAltText("a red fox", new() { Exact = true }).First.LoadedAsync();
        await Expect(page.Prompt()).ToHaveValueAsync("a blue fox, not yet sent");
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task An_uploaded_input_is_still_there_after_a_reload()
    {
        await using var app = await GenApiApp.StartAsync();
        var visitor = await VisitAsync(app);
        var page = await visitor.OpenAsync();
        await page.Locator("main input[type=file][data-field]").First.SetInputFilesAsync(
            new FilePayload { Name = "fox.png", MimeType = "image/png", Buffer = Images.Pictures.Png(64, 48) });
        var input = page.GetByRole(AriaRole.Main).GetByText("fox.png");
        await Expect(input.First).ToBeVisibleAsync();

        await page.ReloadAsync();

        await Expect(input.First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_next_picture_replaces_no_earlier_one_and_every_device_shows_all_of_them()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1, "a lighthouse"));
        var desk = await VisitAsync(app);
        var page = await desk.OpenAsync();
        foreach (var prompt in (string[])["a red fox", "a blue fox"])
        {
            await page.GenerateAsync(prompt);
            await page.GetByAltText(prompt, new() { Exact = true }).First.LoadedAsync();
        }

        await Expect(page.GetByAltText("a red fox", new() { Exact = true }).First).ToBeVisibleAsync();
        var phone = await VisitAsync(app, Screen.Phone);
        var gallery = await phone.OpenAsync("app/gallery");
        foreach (var prompt in (string[])["a lighthouse", "a red fox", "a blue fox"])
            await Expect(gallery.GetByAltText(prompt, new() { Exact = true })).ToHaveCountAsync(1);
    }
}
