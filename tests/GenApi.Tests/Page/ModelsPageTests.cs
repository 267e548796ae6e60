using System.Text.RegularExpressions;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page;

/// <summary>Tests the view of models: the list, a search, one model in full, and the way to the form.</summary>
public sealed class ModelsPageTests : PageTest
{
    [Fact]
    public async Task A_model_is_found_read_and_used()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        var ann = await VisitAsync(app);
        var page = await ann.OpenAsync("app/models");
        await Expect(page.Locator(".models-row")).ToHaveCountAsync(7);
        var row = page.Locator(".models-row", new() { Has = page.GetByRole(AriaRole.Link, new() { Name = "sdxl Default" }) });
        await Expect(row).ToContainTextAsync("warm");
        await Expect(row).ToContainTextAsync("a run");

        await row.GetByRole(AriaRole.Link).ClickAsync();

        var details = page.GetByRole(AriaRole.Region, new() { Name = "Model sdxl", Exact = true });
        await Expect(details).ToBeFocusedAsync();
        await Expect(details).ToContainTextAsync("$0.000975 for each second on gpu-l40s");
        await Expect(details.GetByText("Start on a warm machine")).ToBeVisibleAsync();
        var inputs = details.Locator(".models-inputs");
        await Expect(inputs.GetByRole(AriaRole.Row, new() { NameRegex = new("num_outputs.*whole number, 1 to 4") })).ToBeVisibleAsync();
        await Expect(inputs.GetByRole(AriaRole.Row, new() { NameRegex = new("num_inference_steps\\s+also steps") })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(details).ToHaveCountAsync(0);

        await page.GetByLabel("Search models").FillAsync("ideogram");
        await Expect(page.Locator(".models-row").First).ToContainTextAsync("ideogram-ai/");
        await Expect(page).ToHaveURLAsync(new Regex("[?]q=ideogram"));
        await page.Locator(".models-row").First.GetByRole(AriaRole.Link).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this model" }).ClickAsync();
        await Expect(page.Locator("#create-model")).ToContainTextAsync("ideogram-ai/");
    }

    [Fact]
    public async Task Without_the_upstream_the_aliases_are_searched_and_a_key_that_only_reads_may_look()
    {
        await using var app = await Keys.StartAsync(new() { ["Models:AllowAny"] = "false" });
        var (_, reader) = await app.MakeAsync("reader", "read");
        var ann = await VisitAsync(app, Screen.Phone);
        await ann.SignInAsync(reader);

        var page = await ann.OpenAsync("app/models?q=flux");

        await Expect(page.GetByText("3 models found. Only the aliases may be used here.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "flux-dev" }).ClickAsync();
        var details = page.GetByRole(AriaRole.Region, new() { Name = "Model flux-dev", Exact = true });
        await Expect(details).ToContainTextAsync("$0.025 for each image");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Use this model" })).ToHaveCountAsync(0);
        await details.GetByText("Example request").ClickAsync();
        await Expect(details.Locator("pre")).ToContainTextAsync("\"model\": \"flux-dev\"");
        await page.GetByLabel("Search models").FillAsync("no such model at all");
        await Expect(page.GetByText("No model found")).ToBeVisibleAsync();
    }
}
