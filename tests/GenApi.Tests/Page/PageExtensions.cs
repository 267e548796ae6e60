using System.Text.Json;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace GenApi.Tests.Page;

/// <summary>Reads and checks a tab.</summary>
internal static class PageExtensions
{
    private static readonly Lazy<string> Axe = new(() => new BundledAxeScriptProvider().GetScript());

    /// <summary>Waits until the view shows its heading.</summary>
    public static Task ReadyAsync(this IPage page) =>
        page.Locator("main h1").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });

    /// <summary>Waits until the view waits for nothing: no request is under way, and every picture in sight is painted.</summary>
    public static async Task SettledAsync(this IPage page)
    {
        if (Visitor.Traffic.TryGetValue(page.Context, out var traffic))
            await traffic.SettledAsync();
        await page.UntilAsync("""
            [...document.images].every(it => it.complete || it.getBoundingClientRect().top > innerHeight)
              && !document.querySelector('main > [aria-busy="true"]')
            """);
    }

    /// <summary>The link of a view in the navigation.</summary>
    public static ILocator Link(this IPage page, string name) =>
        page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public static ILocator Button(this IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public static ILocator Prompt(this IPage page) => page.GetByRole(AriaRole.Textbox, new() { Name = "Prompt", Exact = true });

    public static ILocator Generate(this IPage page) => page.Button("Generate");

    /// <summary>Fills in the prompt and presses Generate.</summary>
    public static async Task GenerateAsync(this IPage page, string prompt)
    {
        await page.Prompt().FillAsync(prompt);
        await page.Generate().ClickAsync();
    }

    /// <summary>Evaluates an expression until it is truthy.</summary>
    public static async Task UntilAsync(this IPage page, string expression) =>
        await page.WaitForFunctionAsync($"() => ({expression})", null, new() { PollingInterval = 25 });

    /// <summary>Waits until the picture has arrived and is painted in its real size.</summary>
    public static async Task LoadedAsync(this ILocator picture)
    {
        await picture.WaitForAsync();
        await picture.EvaluateAsync("async it => { if (!it.complete) await new Promise(done => it.onload = it.onerror = done); }");
        Assert.True(await picture.EvaluateAsync<bool>("it => it.naturalWidth > 0"), "The picture did not load.");
    }

    /// <summary>Begins to add up what the browser calls layout shifts.</summary>
    public static Task WatchShiftsAsync(this IPage page) => page.EvaluateAsync(
        """
        () => {
          window.shifts = 0;
          new PerformanceObserver(list => list.getEntries().forEach(it => { window.shifts += it.value; }))
            .observe({ type: 'layout-shift' });
        }
        """);

    /// <summary>The layout shifts since then; 0: nothing has moved by itself.</summary>
    public static Task<double> ShiftsAsync(this IPage page) => page.EvaluateAsync<double>("() => window.shifts");

    /// <summary>Tells the page that its tab went behind another one. A headless browser never does so itself.</summary>
    public static Task HideAsync(this IPage page) => page.SetVisibilityAsync("hidden");

    public static Task ShowAsync(this IPage page) => page.SetVisibilityAsync("visible");

    /// <summary>Runs axe on the tab as it stands; there must be no violation.</summary>
    /// <param name="page">The tab.</param>
    /// <param name="rules">The ids of the rules to run; none: all.</param>
    public static async Task AssertAccessibleAsync(this IPage page, params string[] rules)
    {
        // One injection serves every run on the document. Deque's own runner injects axe twice each time and opens a browser for the
        // report, which only pages with frames need.
        if (!await page.EvaluateAsync<bool>("() => 'axe' in window"))
            await page.EvaluateAsync(Axe.Value);
        var found = await page.EvaluateAsync<string[]>(
            """
            async rules => {
              const options = { resultTypes: ['violations'], ...rules.length > 0 && { runOnly: { type: 'rule', values: rules } } };
              const { violations } = await axe.run(document, options);
              return violations.flatMap(it => it.nodes.map(node => `${it.id} (${it.help}): ${node.target} ${node.html}`));
            }
            """,
            rules);
        Assert.True(found.Length == 0, $"{page.Url}:\n{string.Join('\n', found.Take(10))}");
    }

    /// <summary>Checks that the view is no wider than its screen.</summary>
    public static async Task AssertNoSidewaysScrollingAsync(this IPage page)
    {
        var widest = await page.EvaluateAsync<string?>(
            """
            () => {
              const width = document.documentElement.clientWidth;
              if (document.documentElement.scrollWidth <= width) return null;
              const wide = [...document.body.querySelectorAll('*')].filter(it => it.getBoundingClientRect().right > width + 1);
              return `${document.documentElement.scrollWidth} of ${width}: `
                + wide.slice(-3).map(it => `${it.tagName} ${it.className}`).join(', ');
            }
            """);
        Assert.True(widest is null, $"{page.Url} scrolls sideways: {widest}");
    }

    private static Task<JsonElement?> SetVisibilityAsync(this IPage page, string state) => page.EvaluateAsync(
        """
        state => {
          Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
          Object.defineProperty(document, 'hidden', { configurable: true, get: () => state === 'hidden' });
          document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
        }
        """,
        state);
}
