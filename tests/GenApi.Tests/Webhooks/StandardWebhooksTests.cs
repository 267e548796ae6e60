using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GenApi.Tests.Accounts;
using GenApi.Tests.Documentation;

namespace GenApi.Tests.Webhooks;

/// <summary>The npm package <c>standardwebhooks</c>, written by the authors of the standard, reads what we send.</summary>
public sealed class StandardWebhooksTests : IDisposable
{
    /// <summary>Verifies a message from a file, unchanged and after each of several changes.</summary>
    private const string Script = """
        const { Webhook } = require("standardwebhooks");
        const { secret, before, body, headers } = JSON.parse(require("fs").readFileSync("message.json", "utf8"));
        const verdict = (webhook, text, head) => {
            try { return webhook.verify(text, head).type; } catch (failure) { return failure.message; }
        };
        const now = Math.floor(Date.now() / 1000);
        console.log(JSON.stringify([
          verdict(new Webhook(secret), body, headers),
          verdict(new Webhook(before), body, headers),
          verdict(new Webhook(secret), body + " ", headers),
          verdict(new Webhook(secret), body, { ...headers, "webhook-id": "msg_other" }),
          verdict(new Webhook(secret), body, { ...headers, "webhook-timestamp": String(now - 301) }),
          verdict(new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), body, headers),
        ]));
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-npm-").FullName;

    [Fact]
    public async Task Their_reader_verifies_our_messages()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(receiver.Settings);
        var key = Keys.Of((await app.MakeAsync("shop")).Secret);
        var before = (await app.GetAsync("/accounts/me/webhook-secret", key))["secret"].GetString();
        var secret = (await app.PostAsync("/accounts/me/webhook-secret/rotate", null, key))["secret"].GetString();
        await app.GenerateAsync(new { prompt = "größer – ein Fuchs", seed = 1, width = 64, height = 64, webhook = receiver.Url }, key);
        var message = await receiver.NextAsync(1);

        var text = JsonSerializer.Serialize(new
        {
            secret,
            before,
            body = message.Request.Body,
            headers = new Dictionary<string, string?>
            {
                ["webhook-id"] = message.Headers.Id,
                ["webhook-timestamp"] = message.Headers.Timestamp,
                ["webhook-signature"] = message.Headers.Signature,
            },
        });
        await File.WriteAllTextAsync(Path.Combine(_folder, "message.json"), text, TestContext.Current.CancellationToken);
        var verdicts = JsonSerializer.Deserialize<string[]>(await NodeTools.RunAsync(["-e", Script], _folder))!;

        Assert.Equal(
            ["generation.completed", "generation.completed", "No matching signature found", "No matching signature found",
                "Message timestamp too old", "No matching signature found"], verdicts);
    }

    [Fact]
    public async Task The_receiver_of_the_page_runs_on_the_oldest_Node_that_it_names()
    {
        await NodeTools.LinkAsync(_folder);
        var port = FreePort();
        var webhook = $"http://127.0.0.1:{port}/hook";
        var example = Assert.Single(new MarkdownPage("docs/api/webhooks.md").Blocks("js"));
        Assert.Contains(".listen(9000)", example, StringComparison.Ordinal);
        // Newer than the oldest promised version; a Node with more of the language would hide what is missing.
        Assert.DoesNotContain("fromAsync", example, StringComparison.Ordinal);
        var listen = $".listen({port}, '127.0.0.1', () => console.log('listening'))";
        var text = example.Replace(".listen(9000)", listen, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(_folder, "receiver.mjs"), text, TestContext.Current.CancellationToken);
        await using var app = await Keys.StartAsync(new() { ["Webhooks:AllowedPrivateHosts:0"] = $"127.0.0.1:{port}" });
        var key = Keys.Of((await app.MakeAsync("shop")).Secret);
        var secret = (await app.GetAsync("/accounts/me/webhook-secret", key))["secret"].GetString()!;

        using var receiver = Process.Start(new ProcessStartInfo(Tool.Require("node"), ["receiver.mjs"])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            Environment = { ["GENAPI_WEBHOOK_SECRET"] = secret },
        })!;
        try
        {
            Assert.Equal("listening", await LineAsync(receiver));
            using var forged = await app.Client.PostAsync(new Uri(webhook), new StringContent("{}"), TestContext.Current.CancellationToken);
            Assert.Equal(401, (int)forged.StatusCode);
            var made = await app.GenerateAsync(new { prompt = "größer – ein Fuchs", seed = 1, width = 64, height = 64, webhook }, key);

            Assert.Equal($"generation.completed {made.Id} succeeded", await LineAsync(receiver));
        }
        finally
        {
            receiver.Kill();
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string?> LineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
