using System.Security.Cryptography;
using GenApi.Sandbox.Control;
using Microsoft.Playwright;

namespace GenApi.Tests.Page;

/// <summary>From the prompt to the file on the disk.</summary>
public sealed class WholeWayTests : PageTest
{
    private const string Prompt = "a red fox in the snow";

    /// <summary>Notes each value that a progress bar shows, and whether the document ever was wider than its screen.</summary>
    private const string Watch =
        """
        () => {
          window.steps = [];
          new MutationObserver(() => {
            const value = Number(document.querySelector('main progress[value]')?.getAttribute('value') ?? NaN);
            if (!Number.isNaN(value) && window.steps.at(-1) !== value) window.steps.push(value);
          }).observe(document.body, { subtree: true, childList: true, attributes: true });
        }
        """;

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task A_prompt_becomes_a_picture_while_one_watches_and_a_file_on_the_disk(int width)
    {
        // Twenty steps in three seconds.
        await using var app = await GenApiApp.StartAsync(
            new() { ["Models:Default"] = "sandbox/slow" }, new SandboxOptions { Speed = 10 });
        var visitor = await VisitAsync(app, Screen.Of(width));
        var page = await visitor.OpenAsync();
        await page.EvaluateAsync(Watch);

        await page.GenerateAsync(Prompt);
        var picture = page.GetByAltText(Prompt, new() { Exact = true }).First;
        await picture.LoadedAsync();

        var steps = await page.EvaluateAsync<int[]>("() => window.steps");
        Assert.True(steps.Length >= 2, $"The progress showed only {string.Join(", ", steps)}.");
        Assert.Equal(steps.Order(), steps);
        await page.AssertNoSidewaysScrollingAsync();
        await page.AssertAccessibleAsync();
        var made = (await app.GetAsync("/generations?limit=1"))["data"][0];
        Assert.Equal(made.GetProperty("images")[0].GetProperty("sha256").GetString(), await DownloadAsync(page));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    /// <returns>The hash of the file.</returns>
    private static async Task<string> DownloadAsync(IPage page)
    {
        var link = page.GetByRole(AriaRole.Link, new() { Name = "Download", Exact = true }).First;
        var download = await page.RunAndWaitForDownloadAsync(() => link.ClickAsync());
        await using var file = await download.CreateReadStreamAsync();
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, TestContext.Current.CancellationToken));
    }
}
