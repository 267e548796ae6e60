using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Sandbox.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

public sealed class SandboxWebhookTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_end_is_told_with_a_signature_that_holds()
    {
        await using var target = await Target.StartAsync();
        await using var sandbox = await AtFullSpeedAsync(o => o.WebhookSecret = Secret);
        var created = await sandbox.CreateAsync(prefer: "wait", more: target.Ask("completed"));
        Assert.Equal(target.Address, created.GetProperty("webhook").GetString());
        var delivery = await target.NextAsync(1);
        Assert.Equal("succeeded", Status(delivery.Body));
        Assert.Equal(Id(created), Id(delivery.Body));
        Assert.True(delivery.IsSignedWith(Secret));
        await sandbox.Server.Stats.WaitUntilAsync(s => s.Webhooks == 1, Ct);
    }

    [Fact]
    public async Task Start_logs_output_and_end_come_in_order_and_logs_not_too_often()
    {
        await using var target = await Target.StartAsync();
        await using var sandbox = await ByFakeClockAsync();
        await sandbox.CreateAsync(more: target.Ask("start", "logs", "output", "completed"));
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));
        await sandbox.Server.Stats.WaitUntilAsync(s => s.Webhooks == 10, Ct);
        // A run of 3.85 s has seven half seconds.
        Assert.Equal(["processing", .. Enumerable.Repeat("processing", 8), "succeeded"], target.Received.Select(d => Status(d.Body)));
        Assert.Equal(1, target.Received.SkipLast(1).Count(d => d.Body.GetProperty("output").ValueKind == JsonValueKind.Array));
    }

    [Fact]
    public async Task Only_output_and_end_are_told_unless_asked()
    {
        await using var target = await Target.StartAsync();
        await using var sandbox = await AtFullSpeedAsync();
        await sandbox.CreateAsync(more: new JsonObject { ["webhook"] = target.Address });
        await sandbox.Server.Stats.WaitUntilAsync(s => s.Webhooks == 2, Ct);
        Assert.Equal(["processing", "succeeded"], target.Received.Select(d => Status(d.Body)));
    }

    [Fact]
    public async Task The_end_is_repeated_with_growing_pauses_under_the_same_id()
    {
        await using var target = await Target.StartAsync();
        target.Status = 500;
        await using var sandbox = await ByFakeClockAsync();
        await sandbox.CreateAsync(more: target.Ask("completed"));
        sandbox.Time.Advance(TimeSpan.FromSeconds(10));
        var first = await target.NextAsync(1);
        target.Status = 200;
        for (var i = 0; i < 500 && sandbox.Server.Stats.Webhooks == 0; i++)
        {
            sandbox.Time.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Ct);
        }
        Assert.Equal(first.Id, (await target.NextAsync(2)).Id);
        Assert.Equal(2, target.Received.Count);
    }

    [Fact]
    public async Task Webhooks_may_be_lost_doubled_or_forged()
    {
        await using var target = await Target.StartAsync();
        await using var sandbox = await AtFullSpeedAsync(o => o.WebhookSecret = Secret);
        sandbox.Server.Faults.Add(FaultKind.WebhookLost);
        sandbox.Server.Faults.Add(FaultKind.WebhookTwice);
        sandbox.Server.Faults.Add(FaultKind.WebhookForged);
        await sandbox.CreateAsync(prefer: "wait", more: target.Ask("completed"));
        await sandbox.Server.Faults.All[0].Reached.WaitAsync(Ct);
        var twice = await sandbox.CreateAsync(prefer: "wait", more: target.Ask("completed"));
        await target.NextAsync(2);
        await sandbox.CreateAsync(more: target.Ask("completed"));
        var forged = await target.NextAsync(3);
        Assert.All(target.Received.Take(2), d => Assert.Equal(Id(twice), Id(d.Body)));
        Assert.Single(target.Received.Take(2).Select(d => d.Id).Distinct());
        Assert.False(forged.IsSignedWith(Secret));
    }

    private sealed record Delivery(string Id, string Timestamp, string Signature, string Raw)
    {
        public JsonElement Body => JsonElement.Parse(Raw);

        public bool IsSignedWith(string secret) =>
            Signature == "v1," + Convert.ToBase64String(
                HMACSHA256.HashData(Convert.FromBase64String(secret[6..]), Encoding.UTF8.GetBytes($"{Id}.{Timestamp}.{Raw}")));
    }

    /// <summary>A receiver of webhooks.</summary>
    private sealed class Target : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly ConcurrentQueue<Delivery> _received = new();
        private readonly SemaphoreSlim _arrived = new(0);

        private Target()
        {
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.WebHost.UseKestrelCore();
            _app = builder.Build();
            _app.Urls.Add("http://127.0.0.1:0");
            _app.Run(TakeAsync);
        }

        public int Status { get; set; } = 200;
        public string Address => $"{_app.Urls.First()}/hook?id=7";
        public IReadOnlyList<Delivery> Received => [.. _received];

        public static async Task<Target> StartAsync()
        {
            var target = new Target();
            await target._app.StartAsync(Ct);
            return target;
        }

        public JsonObject Ask(params string[] events) => new()
        {
            ["webhook"] = Address,
            ["webhook_events_filter"] = new JsonArray([.. events.Select(e => (JsonNode)e)]),
        };

        /// <summary>Waits for the delivery of this number, counted from one.</summary>
        public async Task<Delivery> NextAsync(int number)
        {
            while (_received.Count < number)
                await _arrived.WaitAsync(Ct);
            return Received[number - 1];
        }

        public async ValueTask DisposeAsync()
        {
            await _app.DisposeAsync();
            _arrived.Dispose();
        }

        private async Task TakeAsync(HttpContext http)
        {
            using var reader = new StreamReader(http.Request.Body);
            var headers = http.Request.Headers;
            http.Response.StatusCode = Status;
            _received.Enqueue(
                new(headers["webhook-id"]!, headers["webhook-timestamp"]!, headers["webhook-signature"]!, await reader.ReadToEndAsync(Ct)));
            _arrived.Release();
        }
    }
}
