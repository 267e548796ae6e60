using System.Text;
using GenApi.Client;
using GenApi.Tests.Replicate;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Client;

/// <summary>
/// Stands in front of the service at an address that outlives its restarts. It forwards everything and spoils the answers that a test
/// names. While the service is stopped, it resets connections.
/// </summary>
internal sealed class Front : IAsyncDisposable
{
    private static readonly string[] NotPassed = ["Transfer-Encoding", "Connection", "Content-Length", "Content-Type"];

    private readonly List<(string Method, string Part, Fault Fault)> _faults = [];
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly GenApiApp _app;
    private ScriptedServer _server = null!;

    private Front(GenApiApp app) => _app = app;

    /// <summary>Answers instead of the service.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="pass">Forwards the request; the service has done its work when it returns.</param>
    public delegate Task Fault(HttpContext context, Func<Task<HttpResponseMessage>> pass);

    public Uri Address => _server.BaseUrl;

    public IReadOnlyList<SeenRequest> Seen(string method, string part) =>
        [.. _server.Requests.Where(each => each.Method == method && each.Target.Contains(part, StringComparison.Ordinal))];

    public static async Task<Front> StartAsync(GenApiApp app)
    {
        var front = new Front(app);
        front._server = await ScriptedServer.StartAsync(front.AnswerAsync);
        return front;
    }

    /// <summary>Creates a client with short pauses.</summary>
    public GenApiClient Client(Action<GenApiClientOptions>? change = null)
    {
        var options = new GenApiClientOptions { Address = Address, RetryDelay = TimeSpan.FromMilliseconds(1) };
        change?.Invoke(options);
        return new GenApiClient(options);
    }

    /// <summary>
    /// Spoils the next request of this method whose target contains this part. Faults apply once each, in the order of adding.
    /// </summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="part">A part of path and query.</param>
    /// <param name="fault">Answers the request.</param>
    public void Spoil(string method, string part, Fault fault)
    {
        lock (_faults)
            _faults.Add((method, part, fault));
    }

    /// <summary>Lets the service work and resets the connection without an answer.</summary>
    public static async Task ResetAfter(HttpContext context, Func<Task<HttpResponseMessage>> pass)
    {
        using var answer = await pass();
        await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        context.Abort();
    }

    /// <summary>Lets the service work and sends half of its answer.</summary>
    public static async Task CutHalf(HttpContext context, Func<Task<HttpResponseMessage>> pass)
    {
        using var answer = await pass();
        var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        Head(context, answer);
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }

    /// <summary>Answers with a proxy's page, with or without forwarding the request.</summary>
    public static Fault Page(int status, bool isDone = false, string? retryAfter = null) => async (context, pass) =>
    {
        if (isDone)
            (await pass()).Dispose();
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html";
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        await context.Response.WriteAsync($"<h1>{status}</h1>", context.RequestAborted);
    };

    /// <summary>Waits for the request of this number (from one) that matches; events do not count.</summary>
    public async Task<SeenRequest> NextAsync(string method, string part, int count)
    {
        for (var number = 1; ; number++)
        {
            await _server.NextAsync(number);
            var seen = Seen(method, part).Where(each => !each.Target.EndsWith("/events", StringComparison.Ordinal)).ToList();
            if (seen.Count >= count)
                return seen[count - 1];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _http.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            var seen = SeenRequest.Of(context);
            if (Take(seen) is { } fault)
                await fault(context, () => PassAsync(seen, context.RequestAborted));
            else
                await StreamAsync(context, await PassAsync(seen, context.RequestAborted));
        }
        catch (Exception away) when (away is HttpRequestException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // The service is stopped, or the client has left.
            context.Abort();
        }
    }

    private Fault? Take(SeenRequest seen)
    {
        lock (_faults)
        {
            var at = _faults.FindIndex(each => each.Method == seen.Method && seen.Target.Contains(each.Part, StringComparison.Ordinal));
            if (at < 0)
                return null;
            var fault = _faults[at].Fault;
            _faults.RemoveAt(at);
            return fault;
        }
    }

    private async Task<HttpResponseMessage> PassAsync(SeenRequest seen, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(seen.Method), new Uri(_app.Address, seen.Target));
        if (seen.Body.Length > 0)
            request.Content = new StringContent(seen.Body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in seen.Headers)
        {
            if (!NotPassed.Contains(name, StringComparer.OrdinalIgnoreCase))
                request.Headers.TryAddWithoutValidation(name, value);
        }
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Forwards the body as it arrives: events must not wait for each other.</summary>
    private static async Task StreamAsync(HttpContext context, HttpResponseMessage answer)
    {
        using (answer)
        {
            Head(context, answer);
            await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
            var buffer = new byte[16 << 10];
            while (await body.ReadAsync(buffer, context.RequestAborted) is > 0 and var count)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
    }

    private static void Head(HttpContext context, HttpResponseMessage answer)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (name is not ("Transfer-Encoding" or "Content-Length" or "Date" or "Server"))
                context.Response.Headers[name] = values.ToArray();
        }
    }
}
