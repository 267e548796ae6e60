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

    private static async Task AssertExecutesAsync(Browser browser, bool needsLink)
    {
        await browser.ClickAsync($"{Generate} .opblock-summary-control");
        // The example stands in the field a moment before the page knows it: until then it finds the body missing.
        await browser.UntilAsync("ui.getSystem().oas3Selectors.requestBodyValue('/generate', 'post')");
        await browser.ClickAsync($"{Generate} .execute");
        var status = await browser.UntilAsync($@"document.querySelector('{Generate} .live-responses-table tbody td.response-col_status')?.innerText.match(/\d{{3}}/)?.[0]");
        var body = await browser.UntilAsync($"document.querySelector('{Generate} .live-responses-table code')?.innerText");
        var shown = await browser.UntilAsync($"(it => it?.naturalWidth && it.src)(document.querySelector('{Generate} .genapi-picture'))");

        Assert.Equal("200", status);
        var generation = JsonElement.Parse(body);
        Assert.Equal("succeeded", generation.GetProperty("status").GetString());
        Assert.Equal(generation.GetProperty("images")[0].GetProperty("url").GetString(), shown);
        Assert.Equal(needsLink, shown.Contains("&sig=", StringComparison.Ordinal));
    }
}
