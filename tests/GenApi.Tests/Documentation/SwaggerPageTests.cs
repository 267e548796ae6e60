using System.Text.Json;

namespace GenApi.Tests.Documentation;

public sealed class SwaggerPageTests
{
    [Fact]
    public async Task Whoever_opens_the_page_and_presses_Execute_gets_a_picture()
    {
        await using var browser = await Browser.StartAsync();
        await using var app = await GenApiApp.StartAsync();
        // The root leads to the page.
        await browser.OpenAsync(app.Address);

        await browser.ClickAsync("#operations-Generations-Generate .opblock-summary-control");
        // The example stands in the field a moment before the page knows it: until then it finds the body missing.
        await browser.UntilAsync("ui.getSystem().oas3Selectors.requestBodyValue('/generate', 'post')");
        await browser.ClickAsync("#operations-Generations-Generate .execute");
        var status = await browser.UntilAsync("document.querySelector('#operations-Generations-Generate .live-responses-table tbody td.response-col_status')?.innerText.match(/\\d{3}/)?.[0]");
        var body = await browser.UntilAsync("document.querySelector('#operations-Generations-Generate .live-responses-table code')?.innerText");
        var shown = await browser.UntilAsync("(it => it?.naturalWidth && it.src)(document.querySelector('#operations-Generations-Generate .genapi-picture'))");

        Assert.Equal("200", status);
        var generation = JsonElement.Parse(body);
        Assert.Equal("succeeded", generation.GetProperty("status").GetString());
        Assert.Equal(generation.GetProperty("images")[0].GetProperty("url").GetString(), shown);
        Assert.Empty(browser.Complaints);
    }
}
