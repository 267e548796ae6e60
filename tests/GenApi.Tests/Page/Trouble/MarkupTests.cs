using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GenApi.Tests.Page.Trouble;

/// <summary>Texts of people and of models stay text, in every view.</summary>
public sealed class MarkupTests : PageTest
{
    private const string Markup =
        "<img src=x onerror=\"window.hit=1\"><script>window.hit=2</script><b>fox</b> \"'`${window.hit=3} <svg onload=window.hit=4> &amp;";

    [Fact]
    public async Task A_prompt_full_of_markup_and_script_stays_text()
    {
        await using var app = await Keys.StartAsync();
        var secret = (await app.MakeAsync("<i onmouseover=window.hit=5>ann</i>")).Secret;
        var visitor = await VisitAsync(app);
        await visitor.SignInAsync(secret);
        var page = await visitor.OpenAsync();

        await page.GenerateAsync(Markup);
        await page.GetByAltText(Markup, new() { Exact = true }).First.LoadedAsync();
        await AssertTextAsync(page);
        var row = (await app.GetAsync("/images?limit=1", Keys.Of(secret)))["data"][0];
        var (image, run) = (row.GetProperty("id").GetString()!, row.GetProperty("generation_id").GetString()!);
        await app.SendAsync(
            HttpMethod.Put, $"/images/{image}/tags", new StringContent("{\"tags\":[\"<img src=x onerror=window.hit=6>\"]}",
                System.Text.Encoding.UTF8, "application/json"), Keys.Of(secret));
        foreach (var path in (string[])["app/gallery", $"app/gallery?image={image}", $"app/gallery?q={Uri.EscapeDataString(Markup)}",
            "app/runs", $"app/runs?run={run}", $"?from={run}"])
        {
            await visitor.GoAsync(page, path);
            await page.SettledAsync();
            await AssertTextAsync(page);
        }
        // An administrator sees the names of all.
        var admin = await VisitAsync(app);
        await admin.SignInAsync(Keys.Admin);
        foreach (var path in (string[])["app/settings", "app/usage", "app/runs"])
        {
            var other = await admin.OpenAsync(path);
            await other.SettledAsync();
            await AssertTextAsync(other);
        }
    }

    [Fact]
    public async Task So_does_what_a_model_says_of_its_failure()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails) { Text = Markup, Times = null });
        var visitor = await VisitAsync(app);
        var page = await visitor.OpenAsync();

        await page.GenerateAsync("a red fox");
        await Expect(page.GetByRole(AriaRole.Alert).First).ToBeVisibleAsync();
        await AssertTextAsync(page);
        var run = (await app.GetAsync("/generations?limit=1"))["data"][0].GetProperty("id").GetString();
        await visitor.GoAsync(page, $"app/runs?run={run}");
        await Expect(page.GetByText("onerror=").First).ToBeVisibleAsync();
        await AssertTextAsync(page);
    }

    private static async Task AssertTextAsync(IPage page) => Assert.Equal(
        "untouched",
        await page.EvaluateAsync<string>(
            """
            () => {
              const made = ['script', 'b', 'i', 'img[src$="x"]', '[onerror]', '[onload]', '[onmouseover]'].map(it => `#page ${it}`).join();
              return window.hit ? `script ran: ${window.hit}` : document.querySelector(made)?.outerHTML ?? 'untouched';
            }
            """));
}
