using System.Globalization;
using System.Text.Json;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Documentation;

public sealed class SwaggerPageTests
{
    private const string Generate = "#operations-Generations-Generate";

    [Fact]
    public async Task Whoever_opens_the_page_and_presses_Execute_gets_a_picture_with_a_key_where_one_is_needed()
    {
        await using var browser = await Browser.StartAsync();

        await using (var open = await GenApiApp.StartAsync())
        {
            // The root leads to the page.
            await browser.OpenAsync(open.Address);
            await AssertExecutesAsync(browser, needsLink: false);
        }
        await using var closed = await Keys.StartAsync();
        var (_, secret) = await closed.MakeAsync("ann");
        await browser.OpenAsync(closed.Address);
        await browser.ClickAsync(".auth-wrapper .authorize");
        await browser.TypeAsync("#auth-bearer-value", secret);
        await browser.ClickAsync(".auth-container .authorize");
        await browser.UntilAsync("document.querySelector('.auth-container').innerText.includes('Authorized')");
        await browser.ClickAsync(".auth-container .btn-done");
        await AssertExecutesAsync(browser, needsLink: true);

        Assert.Empty(browser.Complaints);
    }

    /// <summary>Opens one operation at a time, as a reader does: those with the longest descriptions.</summary>
    [Fact]
    public async Task The_page_stays_short_whatever_is_opened_and_lists_no_definitions()
    {
        const int longest = 8_500, opened = 6;
        await using var browser = await Browser.StartAsync();
        await using var app = await GenApiApp.StartAsync();
        var paths = (await app.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");
        var operations = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .OrderByDescending(each => each.Value.GetRawText().Length).Take(opened)
            .Select(each => each.Value.GetProperty("operationId").GetString());
        await browser.OpenAsync(app.Address);
        await browser.UntilAsync("document.querySelectorAll('.opblock').length");
        var tooLong = new List<string>();
        foreach (var operation in operations)
        {
            var block = $"document.querySelector('.opblock[id$=\"-{operation}\"]')";
            await browser.UntilAsync($"({block}.querySelector('.opblock-summary-control').click(), true)");
            // The page draws the answers last.
            await browser.UntilAsync($"{block}.querySelectorAll('.responses-wrapper tr.response').length");
            var height = int.Parse(await browser.UntilAsync("document.documentElement.scrollHeight"), CultureInfo.InvariantCulture);
            if (height > longest)
                tooLong.Add($"{operation}: {height}");
            await browser.UntilAsync($"({block}.querySelector('.opblock-summary-control').click(), true)");
        }

        Assert.Empty(tooLong);
        Assert.Equal("0", await browser.UntilAsync("'' + document.querySelectorAll('section.models').length"));
    }

    private static async Task AssertExecutesAsync(Browser browser, bool needsLink)
    {
        await browser.ClickAsync($"{Generate} .opblock-summary-control");
        // The field shows the example a moment before the page knows it; until then the body counts as missing.
        await browser.UntilAsync("ui.getSystem().oas3Selectors.requestBodyValue('/generate', 'post')");
        await browser.ClickAsync($"{Generate} .execute");
        var status = await browser.UntilAsync(
            $@"document.querySelector('{Generate} .live-responses-table tbody td.response-col_status')?.innerText.match(/\d{{3}}/)?.[0]");
        var body = await browser.UntilAsync($"document.querySelector('{Generate} .live-responses-table code')?.innerText");
        var shown = await browser.UntilAsync($"(it => it?.naturalWidth && it.src)(document.querySelector('{Generate} .genapi-picture'))");

        Assert.Equal("200", status);
        var generation = JsonElement.Parse(body);
        Assert.Equal("succeeded", generation.GetProperty("status").GetString());
        Assert.Equal(generation.GetProperty("images")[0].GetProperty("url").GetString(), shown);
        Assert.Equal(needsLink, shown.Contains("&sig=", StringComparison.Ordinal));
    }
}
