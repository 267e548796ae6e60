using System.Collections.Concurrent;
using System.Net;
using GenApi.Tests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace GenApi.Tests.Blobs.S3;

/// <summary>What happens to a request at <see cref="FaultyS3"/>.</summary>
internal enum S3Trouble
{
    /// <summary>The server does not see it; the answer is 503.</summary>
    Busy,

    /// <summary>The server does not see it; the connection is reset.</summary>
    Reset,

    /// <summary>The server obeys, and its answer is lost.</summary>
    LostAnswer,

    /// <summary>The server does not see it, and there is no answer.</summary>
    Silence,

    /// <summary>The body of the answer breaks off in its middle.</summary>
    CutBody,

    /// <summary>The body of the answer stalls in its middle.</summary>
    StalledBody,
}

/// <summary>Stands before an S3 server, counts requests, and spoils some of them.</summary>
internal sealed class FaultyS3 : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Method, string Part, S3Trouble Trouble)> _troubles = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly CancellationTokenSource _end = new();
    private readonly WebApplication _app;
    private readonly string _target;

    private FaultyS3(WebApplication app, string target) => (_app, _target) = (app, target);

    public string Endpoint => _app.Urls.Single();

    /// <summary>Every request since <see cref="Forget"/>, as <c>METHOD /path?query</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Happens to every request while it is set.</summary>
    public S3Trouble? Always { get; set; }

    public static async Task<FaultyS3> StartAsync()
    {
        var server = await S3Server.SharedAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        var faulty = new FaultyS3(app, server.Endpoint);
        app.Run(faulty.AnswerAsync);
        await app.StartAsync();
        return faulty;
    }

    /// <summary>Spoils the next request with this method whose target holds a text. Several apply one after the other.</summary>
    public void Next(S3Trouble trouble, string method, string part = "") => _troubles.Enqueue((method, part, trouble));

    public void Forget() => Requests.Clear();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _app.DisposeAsync();
        _client.Dispose();
        _end.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var target = context.Request.Path + context.Request.QueryString.ToString();
        Requests.Enqueue($"{context.Request.Method} {target}");
        var trouble = Always ?? Take(context.Request.Method, target);
        switch (trouble)
        {
            case S3Trouble.Busy:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            case S3Trouble.Reset:
                context.Abort();
                return;
            case S3Trouble.Silence:
                await SilenceAsync(context);
                return;
        }
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), _target + RawTarget(context));
        // An empty body has a type too, which the signature covers.
        if (HttpMethods.IsPut(context.Request.Method) || HttpMethods.IsPost(context.Request.Method))
            request.Content = new StreamContent(context.Request.Body);
        foreach (var (name, value) in context.Request.Headers)
        {
            // The signature covers the host that the client knows.
            if (!request.Headers.TryAddWithoutValidation(name, [.. value]))
                request.Content?.Headers.TryAddWithoutValidation(name, [.. value]);
        }
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        if (trouble == S3Trouble.LostAnswer)
        {
            // To its end: the server may still be at work when it sends its headers.
            await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
            context.Abort();
            return;
        }
        await WriteAsync(context, answer, trouble);
    }

    private async Task WriteAsync(HttpContext context, HttpResponseMessage answer, S3Trouble? trouble)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (name is not ("Transfer-Encoding" or "Connection"))
                context.Response.Headers[name] = values.ToArray();
        }
        var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        if (trouble is null)
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
            return;
        }
        await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (trouble == S3Trouble.StalledBody)
            await SilenceAsync(context);
        context.Abort();
    }

    private async Task SilenceAsync(HttpContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _end.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Abort();
    }

    private S3Trouble? Take(string method, string target)
    {
        lock (_troubles)
        {
            if (!_troubles.TryPeek(out var next) || next.Method != method || !target.Contains(next.Part, StringComparison.Ordinal))
                return null;
            _troubles.TryDequeue(out _);
            return next.Trouble;
        }
    }

    /// <summary>The target as it came: the signature covers its spelling.</summary>
    private static string RawTarget(HttpContext context) =>
        context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
}
