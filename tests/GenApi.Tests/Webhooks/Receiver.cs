using System.Text.Json;
using GenApi.Core.Webhooks;
using GenApi.Tests.Replicate;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Webhooks;

/// <summary>A receiver of our webhooks, on its own loopback port.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private ScriptedServer _server = null!;

    /// <summary>The answer to the message of this number, counted from one.</summary>
    public Func<int, HttpContext, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public string Url => new Uri(_server.BaseUrl, "/hook?key=of-the-receiver").AbsoluteUri;

    public IReadOnlyList<Message> Messages => [.. _server.Requests.Select(request => new Message(request))];

    /// <summary>The settings of a service that may send here.</summary>
    public Dictionary<string, string?> Settings => new() { ["Webhooks:AllowedPrivateHosts:0"] = _server.BaseUrl.Authority };

    public static async Task<Receiver> StartAsync()
    {
        var receiver = new Receiver();
        receiver._server = await ScriptedServer.StartAsync(async context =>
        {
            var number = receiver._server.Requests.Count;
            await receiver.Answer(number, context);
        });
        return receiver;
    }

    /// <summary>Always the same status.</summary>
    public void Say(int status) => Answer = (_, context) =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    /// <summary>The message of this number, counted from one.</summary>
    public async Task<Message> NextAsync(int number) => new(await _server.NextAsync(number));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        SecretSearch.AssertNone(
            _server.Requests.Select(request => $"{request.Target}\n{string.Join('\n', request.Headers)}\n{request.Body}"));
    }

    internal sealed record Message(SeenRequest Request)
    {
        public WebhookHeaders Headers => new(
            Request.Headers[WebhookHeaders.IdName], Request.Headers[WebhookHeaders.TimestampName],
            Request.Headers[WebhookHeaders.SignatureName]);

        public string Id => Headers.Id!;

        public JsonElement Body => JsonElement.Parse(Request.Body);

        public string Type => Body.GetProperty("type").GetString()!;

        public JsonElement Data => Body.GetProperty("data");
    }
}
