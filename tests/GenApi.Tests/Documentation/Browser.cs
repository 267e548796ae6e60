using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GenApi.Tests.Documentation;

/// <summary>
/// A page in a headless Chromium, driven over the DevTools protocol. A library would add browsers and a second runtime, some hundred
/// megabytes, to every restore, for the few calls here.
/// </summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-browser-").FullName;
    private readonly ClientWebSocket _socket = new();
    private readonly List<string> _complaints = [];
    private readonly Process _process;
    private string? _session;
    private int _calls;

    private Browser(string program) => _process = Process.Start(new ProcessStartInfo(program,
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--window-size=1280,1600", "--remote-debugging-port=0", $"--user-data-dir={_folder}", "about:blank",
    ])
    { RedirectStandardError = true, RedirectStandardOutput = true })!;

    /// <summary>The errors of the page since its start: uncaught errors and errors of its console.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public static async Task<Browser> StartAsync()
    {
        var browser = new Browser(Tool.Require("chromium", "chromium-browser", "google-chrome"));
        try
        {
            await browser.ConnectAsync().WaitAsync(Patience);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    public async Task OpenAsync(Uri address)
    {
        var answer = await CallAsync("Page.navigate", new() { ["url"] = address.ToString() });
        Assert.False(answer.TryGetProperty("errorText", out var error), error.ToString());
    }

    /// <summary>Waits until the expression is truthy and returns its value as text.</summary>
    public async Task<string> UntilAsync(string expression)
    {
        var wait = $$"""
            new Promise((resolve, reject) => {
              const end = performance.now() + {{Patience.TotalMilliseconds}};
              const look = () => {
                const value = ({{expression}});
                if (value) resolve(String(value));
                else if (performance.now() > end) reject(new Error("never true, and the page says: " + document.body.innerText));
                else setTimeout(look, 20);
              };
              look();
            })
            """;
        var answer = await CallAsync(
            "Runtime.evaluate", new() { ["expression"] = wait, ["awaitPromise"] = true, ["returnByValue"] = true });
        if (answer.TryGetProperty("exceptionDetails", out var details))
            Assert.Fail($"{expression}: {details}");
        return answer.GetProperty("result").GetProperty("value").GetString()!;
    }

    /// <summary>Clicks the first element of a selector as soon as it exists.</summary>
    public Task ClickAsync(string selector) =>
        UntilAsync($"(it => it && (it.click(), true))(document.querySelector({JsonSerializer.Serialize(selector)}))");

    /// <summary>Puts a text into the first field of a selector as soon as it exists, and raises the event that typing would.</summary>
    public Task TypeAsync(string selector, string text) => UntilAsync(
        "(it => it && (Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(it,"
            + $" {JsonSerializer.Serialize(text)}), it.dispatchEvent(new Event('input', {{ bubbles: true }})), true))"
        + $"(document.querySelector({JsonSerializer.Serialize(selector)}))");

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A child process that dies a moment later may have written once more; the system cleans its temporary folder.
        }
    }

    private async Task ConnectAsync()
    {
        const string where = "DevTools listening on ";
        string? line;
        do
            line = await _process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException("The browser ended at start.");
        while (!line.StartsWith(where, StringComparison.Ordinal));
        await _socket.ConnectAsync(new Uri(line[where.Length..]), CancellationToken.None);
        // Keep reading, so that a full pipe never blocks it.
        _ = Task.WhenAll(_process.StandardError.ReadToEndAsync(), _process.StandardOutput.ReadToEndAsync());
        var target = await CallAsync("Target.createTarget", new() { ["url"] = "about:blank" });
        var attached = await CallAsync(
            "Target.attachToTarget", new() { ["targetId"] = target.GetProperty("targetId").GetString(), ["flatten"] = true });
        _session = attached.GetProperty("sessionId").GetString();
        foreach (var domain in (string[])["Page", "Runtime", "Log"])
            await CallAsync($"{domain}.enable", []);
    }

    private async Task<JsonElement> CallAsync(string method, JsonObject parameters)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(2 * Patience);
        var call = new JsonObject { ["id"] = ++_calls, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
            call["sessionId"] = _session;
        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, true, patience.Token);
        while (true)
        {
            var message = await ReceiveAsync(patience.Token);
            if (message.TryGetProperty("id", out var id) && id.GetInt32() == _calls)
                return message.TryGetProperty("result", out var result)
                    ? result
                    : throw new InvalidOperationException($"{method}: {message}");
            Note(message);
        }
    }

    private async Task<JsonElement> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        var buffer = new byte[16 << 10];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            text.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonElement.Parse(text.ToArray());
    }

    private void Note(JsonElement message)
    {
        var method = message.TryGetProperty("method", out var name) ? name.GetString() : null;
        if (method == "Runtime.exceptionThrown")
            _complaints.Add(message.GetProperty("params").GetProperty("exceptionDetails").ToString());
        if (method == "Log.entryAdded"
            && message.GetProperty("params").GetProperty("entry") is var entry && entry.GetProperty("level").GetString() == "error")
            _complaints.Add($"{entry.GetProperty("text")} {(entry.TryGetProperty("url", out var url) ? url : default)}");
    }
}
