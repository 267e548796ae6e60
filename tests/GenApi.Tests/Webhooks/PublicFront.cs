using System.Collections.Concurrent;
using GenApi.Tests.Replicate;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Webhooks;

/// <summary>
/// The proxy in front of the service on the open internet. Its address is known before the service's, and a test decides what passes.
/// </summary>
internal sealed class PublicFront : IAsyncDisposable
{
    private static readonly string[] Passed = ["webhook-id", "webhook-timestamp", "webhook-signature"];

    private ScriptedServer _server = null!;

    /// <summary>The requests to the service and its answers, in the order of the answers.</summary>
    public ConcurrentQueue<(SeenRequest Request, int Status)> Answers { get; } = new();

    /// <summary>The address of the service.</summary>
    public GenApiApp? App { get; set; }

    /// <summary>Holds requests back and answers them with 200.</summary>
    public bool Keeps { get; set; }

    /// <summary>All requests in order, passed on or not.</summary>
    public IReadOnlyList<SeenRequest> Seen => [.. _server.Requests];

    public Dictionary<string, string?> Settings => new() { ["Webhooks:PublicUrl"] = _server.BaseUrl.AbsoluteUri };

    public static async Task<PublicFront> StartAsync()
    {
        var front = new PublicFront();
        front._server = await ScriptedServer.StartAsync(context => front.TakeAsync(context));
        return front;
    }

    /// <summary>The service behind its own front.</summary>
    public static async Task<(PublicFront Front, GenApiApp App)> StartAppAsync(
        Func<Dictionary<string, string?>, Task<GenApiApp>>? start = null)
    {
        var front = await StartAsync();
        front.App = await (start ?? (settings => GenApiApp.StartAsync(settings)))(front.Settings);
        return (front, front.App);
    }

    /// <summary>The request of this number, counted from one.</summary>
    public Task<SeenRequest> NextAsync(int number) => _server.NextAsync(number);

    /// <summary>Sends a held or an invented request to the service.</summary>
    public async Task<Answer> PassAsync(SeenRequest request)
    {
        var headers = request.Headers.Where(header => Passed.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .Select(header => (header.Key, header.Value));
        // Lets the service refuse before the body is on its way; otherwise the connection may break under it.
        var answer = await App!.SendAsync(
            HttpMethod.Post, request.Target, new StringContent(
                request.Body, null, "application/json"), [.. headers, ("Expect", "100-continue")]);
        Answers.Enqueue((request, answer.Status));
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        if (App is { } app)
            await app.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var request = SeenRequest.Of(context);
        if (Keeps || App is null)
            return;
        try
        {
            context.Response.StatusCode = (await PassAsync(request)).Status;
        }
        catch (Exception away) when (away is HttpRequestException or InvalidOperationException)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
    }
}
