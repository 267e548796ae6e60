using System.Net;
using System.Net.Sockets;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Webhooks;
using Microsoft.Extensions.Options;
using static System.Net.IPAddress;

namespace GenApi.Tests.Webhooks;

/// <summary>The addresses of connections, for names that resolve to other places than they seem.</summary>
public sealed class WebhookSenderTests : IDisposable
{
    private static readonly IPAddress Public = Parse("93.184.216.34");

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-sender-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    // One private address among public ones.
    [InlineData("93.184.216.34", "192.168.1.1")]
    public async Task A_name_that_leads_inside_is_not_connected_to(params string[] addresses)
    {
        var network = new Network(_folder, [.. addresses.Select(Parse)]);

        var attempt = await network.SendAsync("https://hooks.example.com/x");

        Assert.Equal((null, "The host's address is not public."), (attempt.Status, attempt.Error));
        Assert.Empty(network.Connected);
    }

    [Fact]
    public async Task The_address_that_was_looked_at_is_the_one_that_is_connected_to_however_the_name_answers_afterwards()
    {
        using var inside = new TcpListener(Loopback, 0);
        inside.Start();
        var port = ((IPEndPoint)inside.LocalEndpoint).Port;
        // Public at the check, private at the next lookup.
        var network = new Network(_folder, [Public], [Loopback]);

        var attempt = await network.SendAsync($"https://rebinding.example.com:{port}/x");

        Assert.Equal("No connection could be made.", attempt.Error);
        Assert.Equal([new IPEndPoint(Public, port)], network.Connected);
        Assert.Equal(1, network.Asked);
        Assert.False(inside.Pending());
    }

    [Fact]
    public async Task Every_connection_is_looked_at_anew()
    {
        var network = new Network(_folder, [Public], [Loopback]);

        await network.SendAsync("https://rebinding.example.com/x");
        var second = await network.SendAsync("https://rebinding.example.com/x");

        Assert.Equal("The host's address is not public.", second.Error);
        Assert.Equal([new IPEndPoint(Public, 443)], network.Connected);
    }

    [Fact]
    public async Task A_literal_needs_no_name()
    {
        var network = new Network(_folder, [Public]);

        await network.SendAsync("https://[2606:4700::1111]:8443/x");
        var inside = await network.SendAsync("https://[fd00::1]/x");

        Assert.Equal([new IPEndPoint(Parse("2606:4700::1111"), 8443)], network.Connected);
        Assert.Equal(("The host's address is not public.", 0), (inside.Error, network.Asked));
    }

    [Fact]
    public async Task The_next_address_is_tried_when_one_does_not_answer_and_a_named_host_may_be_anywhere()
    {
        var network = new Network(_folder, [Parse("10.0.0.1"), Loopback]) { Allowed = "hooks.intern" };

        await network.SendAsync("https://hooks.intern/x");

        Assert.Equal([new IPEndPoint(Parse("10.0.0.1"), 443), new IPEndPoint(Loopback, 443)], network.Connected);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_told_as_such()
    {
        var network = new Network(_folder);

        Assert.Equal("The host's name can't be resolved.", (await network.SendAsync("https://nowhere.example.com/x")).Error);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A resolver that answers from a list, and a network without answers.</summary>
    private sealed class Network(string folder, params IPAddress[][] answers)
    {
        private readonly Queue<IPAddress[]> _answers = new(answers);
        private WebhookSender? _sender;

        public string? Allowed { get; init; }

        public List<IPEndPoint> Connected { get; } = [];

        public int Asked { get; private set; }

        public async Task<WebhookAttempt> SendAsync(string url)
        {
            _sender ??= await SenderAsync();
            var (now, target) = (TimeProvider.System.GetUtcNow(), new WebhookTarget(url, WebhookEvents.Completed, ""));
            return await _sender.SendAsync(WebhookDelivery.Of(Guid.Empty, WebhookEvents.Completed, target, "{}", now, now), Ct);
        }

        private async Task<WebhookSender> SenderAsync()
        {
            var options = Options.Create(
                new WebhookOptions
                {
                    SigningSecret = WebhookSecret.New().Reveal(),
                    AllowedPrivateHosts = Allowed is null ? [] : [Allowed]
                });
            var connections = new PublicAddressesOnly(new WebhookTargets(options)) { Resolve = ResolveAsync, Connect = ConnectAsync };
            var secrets = new WebhookSecrets(
                new FileSecrets(new DataDirectory(Options.Create(new DatabaseOptions { DataDirectory = folder }))), options);
            await secrets.PrepareAsync(Ct);
            return new WebhookSender(_ => secrets.Signing, connections, TimeProvider.System);
        }

        private Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            Asked++;
            return _answers.TryDequeue(out var addresses)
                ? Task.FromResult(addresses)
                : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
        }

        private Task<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
        {
            Connected.Add(endPoint);
            return Task.FromException<Stream>(new SocketException((int)SocketError.ConnectionRefused));
        }
    }
}
