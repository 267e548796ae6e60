using GenApi.Tests.Documentation;
using GenApi.Tests.Page;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(PageBrowser))]

namespace GenApi.Tests.Page;

/// <summary>
/// The Chromium of a run, shared by all tests. The first test that needs it starts it; without such a test it costs nothing. Playwright
/// finds no browser of its own here and downloads none.
/// </summary>
public sealed class PageBrowser : IAsyncDisposable
{
    private readonly Lazy<Task<(IPlaywright Driver, IBrowser Browser)>> _started = new(StartAsync);

    internal async Task<IBrowser> BrowserAsync() => (await _started.Value).Browser;

    public async ValueTask DisposeAsync()
    {
        if (!_started.IsValueCreated || !_started.Value.IsCompletedSuccessfully)
            return;
        var (driver, browser) = await _started.Value;
        await browser.DisposeAsync();
        driver.Dispose();
    }

    private static async Task<(IPlaywright Driver, IBrowser Browser)> StartAsync()
    {
        var program = Tool.Require("chromium", "chromium-browser", "google-chrome");
        Assertions.SetDefaultExpectTimeout(PageTest.PatienceMilliseconds);
        var driver = await Playwright.CreateAsync();
        var browser = await driver.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Args =
            [
                "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        return (driver, browser);
    }
}
