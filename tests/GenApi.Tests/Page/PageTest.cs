using Microsoft.Playwright;

namespace GenApi.Tests.Page;

/// <summary>
/// A test of the web page in a real browser. It fails if a page throws, logs an error, violates its content security policy, or gets an
/// answer of 400 or more that the test did not expect.
/// <code>
/// public sealed class CreateTests : PageTest
/// {
///     [Fact]
///     public async Task A_prompt_becomes_a_picture()
///     {
///         await using var app = await GenApiApp.StartAsync();
///         var ann = await VisitAsync(app);
///         var page = await ann.OpenAsync();
///         await page.GetByLabel("Prompt").FillAsync("a red fox");
///         await page.GetByRole(AriaRole.Button, new() { Name = "Generate" }).ClickAsync();
///         await Expect(page.GetByAltText("a red fox")).ToBeVisibleAsync();
///     }
/// }
/// </code>
/// Await conditions with <c>Expect</c> (<c>using static Microsoft.Playwright.Assertions;</c>), which polls; never sleep. All tests share
/// one Chromium. Each visitor has a context, which is a browser with its own cookies and storage.
/// </summary>
public abstract class PageTest : IAsyncLifetime
{
    /// <summary>The time limit of every action and condition. The machine may be busy with other tests.</summary>
    internal const float PatienceMilliseconds = 20_000;

    private readonly List<Visitor> _visitors = [];

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Closes the browsers and reports every complaint of their pages.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var visitor in _visitors)
            await visitor.DisposeAsync();
        var complaints = _visitors.SelectMany(visitor => visitor.Complaints).ToList();
        Assert.True(complaints.Count == 0, $"The page complained:\n{string.Join('\n', complaints.Take(10))}");
    }

    /// <summary>Opens a browser for a person: English, UTC, without animations. It has no tab yet.</summary>
    /// <param name="app">The service to visit.</param>
    /// <param name="screen">The size and kind of the screen; null: <see cref="Screen.Desktop"/>.</param>
    /// <param name="scheme">Light or dark.</param>
    /// <param name="locale">The language of the browser, such as <c>de-DE</c>.</param>
    /// <param name="network">The connection to use, if the test cuts it; null: a direct one.</param>
    internal async Task<Visitor> VisitAsync(
        GenApiApp app,
        Screen? screen = null,
        ColorScheme scheme = ColorScheme.Light,
        string locale = "en-GB",
        CutNetwork? network = null)
    {
        var visitor = await VisitAsync(network?.Address ?? app.Address, screen, scheme, locale);
        // Otherwise the page would complain of the end of its service.
        app.EndsBefore.Add(visitor.DisposeAsync);
        return visitor;
    }

    /// <inheritdoc cref="VisitAsync(GenApiApp, Screen?, ColorScheme, string, CutNetwork?)"/>
    /// <param name="address">The root of the page, which may have a path.</param>
    internal async Task<Visitor> VisitAsync(
        Uri address, Screen? screen = null, ColorScheme scheme = ColorScheme.Light, string locale = "en-GB")
    {
        var shared = await TestContext.Current.GetFixture<PageBrowser>();
        var browser = await shared!.BrowserAsync();
        screen ??= Screen.Desktop;
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = screen.Width, Height = screen.Height },
            HasTouch = screen.IsPhone,
            IsMobile = screen.IsPhone,
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = locale,
            TimezoneId = "UTC",
        });
        context.SetDefaultTimeout(PatienceMilliseconds);
        context.SetDefaultNavigationTimeout(PatienceMilliseconds);
        var visitor = new Visitor(context, address);
        _visitors.Add(visitor);
        return visitor;
    }
}
