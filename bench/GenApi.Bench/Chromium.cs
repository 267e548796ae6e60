using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace GenApi.Bench;

/// <summary>The Chromium of the machine, without a window. Each context is a browser with an empty cache.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    /// <summary>Collects the browser's own timings, from before the first byte of a page.</summary>
    private const string Timings =
        """
        (() => {
          const seen = window.seen = { usable: 0, lcp: 0, cls: 0, longest: 0, loaded: {} };
          const observe = (type, read) =>
            new PerformanceObserver(list => list.getEntries().forEach(read)).observe({ type, buffered: true });
          observe('largest-contentful-paint', entry => { seen.lcp = entry.startTime; });
          observe('layout-shift', entry => { if (!entry.hadRecentInput) seen.cls += entry.value; });
          observe('longtask', entry => { seen.longest = Math.max(seen.longest, entry.duration); });
          // The window does not get the load events of pictures.
          document.addEventListener('load', event => {
            // The event forgets its target before the next frame.
            const source = event.target?.tagName === 'IMG' ? event.target.src : null;
            if (source) requestAnimationFrame(() => { seen.loaded[source] ??= Date.now(); });
          }, true);
          const look = () => {
            const button = [...document.querySelectorAll('main button')].find(it => it.textContent.trim() === 'Generate');
            if (button && document.querySelector('main textarea:enabled')) seen.usable = performance.now();
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        })();
        """;

    private readonly IPlaywright _driver;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright driver, IBrowser browser) => (_driver, _browser) = (driver, browser);

    /// <exception cref="BenchException">Chromium is not installed.</exception>
    public static async Task<Chromium> StartAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var program = ((string[])["chromium", "chromium-browser", "google-chrome"])
            .SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new BenchException("chromium is missing. On Debian: apt-get install chromium.");
        var driver = await Playwright.CreateAsync();
        return new(driver, await driver.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = program,
                // The browser's own window loads pages for its address bar with each context, and would be in the figures.
                Args =
                [
                    "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,HttpsUpgrades,Translate,PaintHolding",
                ],
            }));
    }

    /// <summary>Opens an empty tab of 1,280 × 800 in a context of its own.</summary>
    public async Task<Tab> OpenAsync()
    {
        var context = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 }, Locale = "en-GB" });
        await context.AddInitScriptAsync(Timings);
        var page = await context.NewPageAsync();
        var tab = new Tab(page, await context.NewCDPSessionAsync(page));
        await tab.BeginAsync();
        return tab;
    }

    /// <summary>Resident memory of the largest tab (VmRSS of its process), in bytes.</summary>
    public async Task<long> LargestTabBytesAsync()
    {
        var session = await _browser.NewBrowserCDPSessionAsync();
        var processes = (await session.SendAsync("SystemInfo.getProcessInfo"))!.Value.GetProperty("processInfo").EnumerateArray().ToList();
        await session.DetachAsync();
        return processes.Where(each => each.GetProperty("type").GetString() == "renderer")
            .Max(each => ResidentBytes(each.GetProperty("id").GetInt32()));
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _driver.Dispose();
    }

    private static long ResidentBytes(int process)
    {
        const string name = "VmRSS:";
        var line = File.ReadLines($"/proc/{process}/status").First(each => each.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}

/// <summary>A tab that counts what it transfers.</summary>
internal sealed class Tab(IPage page, ICDPSession session) : IAsyncDisposable
{
    private long _transferred;
    private int _requests;

    public IPage Page => page;

    /// <summary>Bytes received so far, with headers and as compressed. What comes from the cache counts nothing.</summary>
    public long Transferred => Interlocked.Read(ref _transferred);

    public int Requests => Volatile.Read(ref _requests);

    public async Task BeginAsync()
    {
        session.Event("Network.loadingFinished").OnEvent += (_, finished) =>
        {
            Interlocked.Add(ref _transferred, (long)finished!.Value.GetProperty("encodedDataLength").GetDouble());
            Interlocked.Increment(ref _requests);
        };
        await session.SendAsync("Network.enable");
    }

    /// <summary>Slows the processor down for this tab.</summary>
    public Task SlowDownAsync(int times) =>
        session.SendAsync("Emulation.setCPUThrottlingRate", new Dictionary<string, object> { ["rate"] = times });

    /// <summary>Bytes of JavaScript's heap after a collection.</summary>
    public async Task<double> HeapBytesAsync()
    {
        await session.SendAsync("HeapProfiler.collectGarbage");
        return (await session.SendAsync("Runtime.getHeapUsage"))!.Value.GetProperty("usedSize").GetDouble();
    }

    /// <summary>Waits until an expression is truthy.</summary>
    public Task UntilAsync(string expression, float milliseconds = 60_000) =>
        page.WaitForFunctionAsync($"() => ({expression})", null, new() { PollingInterval = 20, Timeout = milliseconds });

    /// <summary>A value of the timings.</summary>
    public Task<double> SeenAsync(string name) => page.EvaluateAsync<double>($"() => window.seen.{name}");

    /// <summary>Waits until the form can be used.</summary>
    /// <returns>Milliseconds since the navigation began.</returns>
    public async Task<double> UsableAsync()
    {
        await UntilAsync("window.seen?.usable > 0");
        return await SeenAsync("usable");
    }

    /// <summary>
    /// Waits until the page has begun no request for a second. The browser's own idle network never comes while a stream of events is open.
    /// </summary>
    public async Task SettledAsync()
    {
        int before;
        do
        {
            before = Requests;
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
        while (Requests != before);
    }

    public async Task<JsonElement> EvaluateAsync(string expression) => (await page.EvaluateAsync($"() => ({expression})"))!.Value;

    public async ValueTask DisposeAsync() => await page.Context.CloseAsync();
}
