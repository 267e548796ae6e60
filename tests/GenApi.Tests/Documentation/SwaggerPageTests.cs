using System.Text.Json;
using GenApi.Tests.Accounts;
using GenApi.Tests.Page;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Documentation;

public sealed class SwaggerPageTests : PageTest
{
    private const string Generate = "#operations-Generations-Generate";

    [Fact]
    public async Task Whoever_opens_the_page_and_presses_Execute_gets_a_picture_with_a_key_where_one_is_needed()
    {
        await using (var open = await GenApiApp.StartAsync())
            await AssertExecutesAsync(await ShowAsync(open), needsLink: false);

        await using var closed = await Keys.StartAsync();
        var (_, secret) = await closed.MakeAsync("ann");
        var page = await ShowAsync(closed);
        await page.Locator(".auth-wrapper .authorize").ClickAsync();
        await page.Locator("#auth-bearer-value").FillAsync(secret);
        await page.Locator(".auth-container .authorize").First.ClickAsync();
        await Expect(page.Locator(".auth-container").First).ToContainTextAsync("Authorized");
        await page.Locator(".auth-container .btn-done").First.ClickAsync();
        await AssertExecutesAsync(page, needsLink: true);
    }

    /// <summary>Opens one operation at a time, as a reader does: those with the longest descriptions.</summary>
    [Fact]
    public async Task The_page_stays_short_whatever_is_opened_and_lists_no_definitions()
    {
        const int longest = 8_500, opened = 6;
        await using var app = await GenApiApp.StartAsync();
        var paths = (await app.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");
        var operations = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .OrderByDescending(each => each.Value.GetRawText().Length).Take(opened)
            .Select(each => each.Value.GetProperty("operationId").GetString());
        var page = await ShowAsync(app);
        var tooLong = new List<string>();
        foreach (var operation in operations)
        {
            var block = page.Locator($".opblock[id$=\"-{operation}\"]");
            await block.Locator(".opblock-summary-control").ClickAsync();
            // The page draws the answers last.
            await block.Locator(".responses-wrapper tr.response").First.WaitForAsync();
            var height = await page.EvaluateAsync<int>("() => document.documentElement.scrollHeight");
            if (height > longest)
                tooLong.Add($"{operation}: {height}");
            await block.Locator(".opblock-summary-control").ClickAsync();
        }

        Assert.Empty(tooLong);
        await Expect(page.Locator("section.models")).ToHaveCountAsync(0);
    }

    private async Task<IPage> ShowAsync(GenApiApp app)
    {
        var visitor = await VisitAsync(app);
        var page = await visitor.Context.NewPageAsync();
        await page.GotoAsync(new Uri(app.Address, "swagger/index.html").ToString());
        await page.Locator(".opblock").First.WaitForAsync();
        return page;
    }

    private static async Task AssertExecutesAsync(IPage page, bool needsLink)
    {
        await page.Locator($"{Generate} .opblock-summary-control").ClickAsync();
        // The field shows the example a moment before the page knows it; until then the body counts as missing.
        await page.UntilAsync("ui.getSystem().oas3Selectors.requestBodyValue('/generate', 'post')");
        await page.Locator($"{Generate} .execute").ClickAsync();
        var picture = page.Locator($"{Generate} .genapi-picture");
        await picture.LoadedAsync();
        var answer = page.Locator($"{Generate} .live-responses-table");

        await Expect(answer.Locator("tbody td.response-col_status").First).ToContainTextAsync("200");
        var generation = JsonElement.Parse(await answer.Locator("code").First.InnerTextAsync());
        Assert.Equal("succeeded", generation.GetProperty("status").GetString());
        var shown = await picture.GetAttributeAsync("src");
        Assert.Equal(generation.GetProperty("images")[0].GetProperty("url").GetString(), shown);
        Assert.Equal(needsLink, shown!.Contains("&sig=", StringComparison.Ordinal));
    }
}
