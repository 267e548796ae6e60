using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Playwright;

namespace GenApi.Tests.Page;

/// <summary>A person at the page: a browser with its own cookies and storage, its tabs, and everything they complained about.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    /// <summary>The requests of each browser.</summary>
    public static readonly ConditionalWeakTable<IBrowserContext, Traffic> Traffic = [];

    private readonly List<string> _complaints = [];
    private readonly List<string> _expected = [];

    public Visitor(IBrowserContext context, Uri address)
    {
        (Context, Address) = (context, address);
        Traffic.Add(context, new(context));
        context.WebError += (_, error) => Add($"error: {error.Error}");
        context.Console += (_, message) => ReadConsole(message);
        context.Response += (_, response) => ReadResponse(response);
        context.RequestFailed += (_, request) => ReadFailure(request);
    }

    public IBrowserContext Context { get; }

    /// <summary>The root of the page. A test that restarts the service on another port changes it.</summary>
    public Uri Address { get; set; }

    /// <summary>The complaints that were not expected: errors, lines of console.error, answers from 400, requests that failed.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_complaints)
                return [.. _complaints.Where(each => !_expected.Any(part => each.Contains(part, StringComparison.Ordinal)))];
        }
    }

    /// <summary>
    /// Excepts complaints that the test provokes, before or after they occur. Answers read <c>402 POST http://…/generate</c>, failed
    /// requests <c>net::ERR_CONNECTION_RESET GET http://…</c>.
    /// </summary>
    /// <param name="parts">A complaint with one of these parts is expected.</param>
    public void Expect(params string[] parts)
    {
        lock (_complaints)
            _expected.AddRange(parts);
    }

    /// <summary>Signs in with a key, as the view of that name does.</summary>
    public async Task SignInAsync(string secret)
    {
        var address = new Uri(Address, "session").ToString();
        var headers = new Dictionary<string, string>();
        var before = await (await Context.APIRequest.GetAsync(address)).JsonAsync();
        if (before?.GetProperty("antiforgery") is { ValueKind: JsonValueKind.Object } guard)
            headers[guard.GetProperty("header").GetString()!] = guard.GetProperty("token").GetString()!;
        var answer = await Context.APIRequest.PostAsync(address, new() { DataObject = new { key = secret }, Headers = headers });
        Assert.True(answer.Ok, $"{answer.Status} {await answer.TextAsync()}");
    }

    /// <summary>Opens a tab and waits until its view is ready.</summary>
    /// <param name="path">The path below the root: "", <c>app/gallery?q=fox</c>.</param>
    public async Task<IPage> OpenAsync(string path = "")
    {
        var page = await Context.NewPageAsync();
        await GoAsync(page, path);
        return page;
    }

    /// <summary>Loads a view in an open tab, as by the address bar, and waits until it is ready.</summary>
    public async Task GoAsync(IPage page, string path)
    {
        var answer = await page.GotoAsync(new Uri(Address, path).ToString(), new() { WaitUntil = WaitUntilState.DOMContentLoaded });
        Assert.True(answer is null or { Status: < 400 }, $"{path}: {answer?.Status}");
        await page.ReadyAsync();
    }

    public async ValueTask DisposeAsync() => await Context.CloseAsync();

    private void Add(string complaint)
    {
        lock (_complaints)
            _complaints.Add(complaint);
    }

    private void ReadConsole(IConsoleMessage message)
    {
        // Chromium logs refused answers and failed requests too, without their method. Those are read below.
        if (message.Type != "error" || message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            return;
        // Axe reads imported style sheets by style elements of its own. A script of the page has an address.
        var isOfAxe = message.Location.StartsWith(':') && message.Text.StartsWith("Applying inline style", StringComparison.Ordinal);
        if (!isOfAxe)
            Add($"console: {message.Text} {message.Location}");
    }

    private void ReadResponse(IResponse response)
    {
        if (response.Status >= 400)
            Add($"{response.Status} {response.Request.Method} {response.Url}");
    }

    private void ReadFailure(IRequest request)
    {
        // A page that is left or reloaded ends its own requests.
        if (request.Failure is { } failure && !failure.Contains("ERR_ABORTED", StringComparison.Ordinal))
            Add($"{failure} {request.Method} {request.Url}");
    }
}
