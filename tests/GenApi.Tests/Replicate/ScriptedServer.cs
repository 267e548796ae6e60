using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace GenApi.Tests.Replicate;

/// <summary>A real server on a loopback port with scripted answers, for failures that no polite upstream shows.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly WebApplication _app;
    private readonly SemaphoreSlim _arrived = new(0);

    private ScriptedServer(WebApplication app) => _app = app;

    public Uri BaseUrl => new(_app.Urls.Single());

    /// <summary>What arrived, in order.</summary>
    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    public static async Task<ScriptedServer> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            var text = await body.ReadToEndAsync(context.RequestAborted);
            var seen = new SeenRequest(
                context.Request.Method,
                context.Request.Path + context.Request.QueryString.ToString(),
                context.Request.Headers.ToDictionary(
                    header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                text);
            server.Requests.Enqueue(seen);
            context.Items[nameof(SeenRequest)] = seen;
            server._arrived.Release();
            await answer(context);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Every request gets the same answer.</summary>
    public static Task<ScriptedServer> StartAsync(
        int status, string body, string contentType = "application/json", params (string Name, string Value)[] headers) =>
        StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = contentType;
            foreach (var (name, value) in headers)
                context.Response.Headers[name] = value;
            await context.Response.WriteAsync(body, context.RequestAborted);
        });

    /// <summary>The request of this number, counted from one, for a single waiter at a time.</summary>
    public async Task<SeenRequest> NextAsync(int number)
    {
        while (Requests.Count < number)
            Assert.True(await _arrived.WaitAsync(Patience, TestContext.Current.CancellationToken), $"Request {number} did not come.");
        return Requests.ElementAt(number - 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _arrived.Dispose();
    }
}

internal sealed record SeenRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>The request that is being answered.</summary>
    public static SeenRequest Of(HttpContext context) => (SeenRequest)context.Items[nameof(SeenRequest)]!;
}
