using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Documentation;
using GenApi.Tests.Images;

namespace GenApi.Tests.Doors.Clients;

/// <summary>
/// A service with a key, for the clients of other people. Those that run on Node all run at once in one process, the first time that a test
/// asks for one of them. Prompts are unique, so the sandbox's creations of each case can be counted.
/// </summary>
public class ClientApp : IAsyncLifetime
{
    private readonly Lazy<Task<IReadOnlyDictionary<string, JsonElement>>> _node;
    private readonly Dictionary<string, FaultProxy> _proxies = [];
    private GenApiApp? _app;

    public ClientApp()
        : this(speed: 2)
    {
    }

    private protected ClientApp(double speed) => (_node, Speed) = (new(RunNodeAsync), speed);

    /// <summary>The sandbox's speed. At 2, a run of SDXL takes two seconds, so a fault comes while it lasts.</summary>
    private double Speed { get; }

    /// <summary>The port at which a case receives a webhook.</summary>
    internal int HookPort { get; } = FreePort();

    internal GenApiApp App => _app!;

    /// <summary>An API key that may generate and read.</summary>
    internal string Key { get; private set; } = "";

    /// <summary>The file of a small PNG, the input of edits.</summary>
    internal string Picture { get; private set; } = "";

    /// <summary>The file of a mask for it: its left half is transparent.</summary>
    internal string Mask { get; private set; } = "";

    /// <summary>The service's address without a slash at its end.</summary>
    internal string Address => App.Address.GetLeftPart(UriPartial.Authority);

    public async ValueTask InitializeAsync()
    {
        _app = await Keys.StartAsync(
            new() { ["Webhooks:AllowedPrivateHosts:0"] = $"127.0.0.1:{HookPort}" }, new SandboxOptions { Speed = Speed });
        // Runs of this model outlast the clients that give up. The sandbox's speed does not shorten a fault.
        _app.Sandbox.Faults.Add(new Fault(FaultKind.RunHeldProcessing) { Model = NodeCases.Held, Times = null, Delay = NodeCases.HeldFor });
        Key = (await _app.MakeAsync("shop")).Secret;
        Picture = Path.Combine(_app.Folder, "picture.png");
        await File.WriteAllBytesAsync(Picture, Pictures.Png(64, 64));
        Mask = Path.Combine(_app.Folder, "mask.png");
        await File.WriteAllBytesAsync(Mask, DoorPictures.LeftTransparent(64, 64));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var proxy in _proxies.Values)
            await proxy.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    /// <summary>What a case got.</summary>
    internal async Task<JsonElement> NodeAsync(string name) => (await _node.Value)[name];

    /// <summary>What a case got, if it succeeded.</summary>
    internal async Task<JsonElement> ValueAsync(string name)
    {
        var result = await NodeAsync(name);
        Assert.True(result.GetProperty("error").ValueKind == JsonValueKind.Null, $"{name}: {result}");
        return result.GetProperty("value");
    }

    /// <summary>Counts the predictions of a prompt that the sandbox made, each of which would be billed.</summary>
    internal int CreationsOf(string marker) =>
        App.Sandbox.Stats.CreationRequests.Count(
            made => made.PredictionId is not null && made.Body.Contains(marker, StringComparison.Ordinal));

    /// <summary>Starts a proxy in front of the service that breaks the first POSTs of a prompt.</summary>
    internal FaultProxy Break(string marker, NetworkFault fault, int times)
    {
        var proxy = new FaultProxy(
            App.Address, fault, times, marker, token => App.Sandbox.Stats.WaitUntilAsync(_ => CreationsOf(marker) > 0, token));
        lock (_proxies)
            _proxies.Add(marker, proxy);
        return proxy;
    }

    internal FaultProxy ProxyOf(string marker) => _proxies[marker];

    private async Task<IReadOnlyDictionary<string, JsonElement>> RunNodeAsync()
    {
        var cases = new JsonArray([.. NodeCases.All(this)]);
        var folder = Directory.CreateDirectory(Path.Combine(App.Folder, "node")).FullName;
        foreach (var script in Directory.EnumerateFiles(Repository.PathOf("tests/GenApi.Tests/Doors/Clients/node"), "*.mjs"))
            File.Copy(script, Path.Combine(folder, Path.GetFileName(script)));
        await NodeTools.LinkAsync(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "cases.json"), cases.ToJsonString());
        await NodeTools.RunAsync(["run.mjs", "cases.json", "results.json"], folder);
        var said = JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "results.json")));
        // Files of the cases hold the key, which must turn up nowhere else.
        Directory.Delete(folder, recursive: true);
        Assert.Equal("[]", said.GetProperty("strays").GetRawText());
        return said.GetProperty("results").EnumerateArray().ToDictionary(each => each.GetProperty("name").GetString()!);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>The same with a sandbox that needs no time.</summary>
public sealed class FastClientApp : ClientApp
{
    public FastClientApp()
        : base(speed: 0)
    {
    }
}

/// <summary>The tests that share one run of Node.</summary>
[CollectionDefinition(Name)]
public sealed class NodeClients : ICollectionFixture<ClientApp>
{
    public const string Name = "Clients that run on Node";
}
