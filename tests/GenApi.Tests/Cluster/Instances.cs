using System.Text;
using System.Text.Json;
using GenApi.Sandbox;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Persistence;
using GenApi.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Cluster;

/// <summary>
/// Several instances of the service on one PostgreSQL, one S3 store and one sandbox, as a load balancer sees them.
/// <code>
/// Instances.Require();
/// await using var instances = await Instances.StartAsync();
/// var made = await instances[0].GenerateAsync(Requests.Small(1), Keys.AsAdmin);
/// </code>
/// </summary>
internal sealed class Instances : IAsyncDisposable
{
    private readonly List<GenApiApp> _all = [];
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2) })
    {
        Timeout = TimeSpan.FromMinutes(6),
    };

    private readonly Dictionary<string, string?> _settings;
    private readonly SandboxOptions? _sandbox;
    private readonly bool _areProcesses;
    private TestStore _store = null!;
    private bool _isGuarded;
    private int _turn;

    private Instances(Dictionary<string, string?>? settings, SandboxOptions? sandbox, bool areProcesses)
    {
        (_settings, _sandbox, _areProcesses) = (new(settings ?? [], StringComparer.OrdinalIgnoreCase), sandbox, areProcesses);
        _settings.TryAdd("Accounts:AdminKey", Keys.Admin);
    }

    public GenApiApp this[int at] => _all[at];

    public IReadOnlyList<GenApiApp> All => _all;

    public SandboxServer Sandbox => _all[0].Sandbox;

    public TestStore Store => _store;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>Skips the test where a server is missing.</summary>
    public static void Require(bool isPooled = false)
    {
        var missing = (isPooled ? PostgresServer.PoolerMissing : PostgresServer.Missing) ?? S3Server.Missing;
        Assert.SkipWhen(missing is not null, missing ?? "");
    }

    /// <param name="count">The number of instances.</param>
    /// <param name="settings">Settings of all; keys as in appsettings.json.</param>
    /// <param name="sandbox">The sandbox's options; null: speed 0.</param>
    /// <param name="server">A server of the test; null: the shared one.</param>
    /// <param name="port">The port of a pooler or a proxy before the database; null: none.</param>
    /// <param name="areProcesses">Whether each is a process, which can be killed and frozen.</param>
    /// <param name="services">Replaces parts of an instance, by its place.</param>
    public static async Task<Instances> StartAsync(
        int count = 3, Dictionary<string, string?>? settings = null, SandboxOptions? sandbox = null, PostgresServer? server = null,
        int? port = null, bool areProcesses = false, Action<int, IServiceCollection>? services = null)
    {
        var instances = new Instances(settings, sandbox, areProcesses);
        try
        {
            instances._store = await TestStore.OnPostgresAsync("", isS3: true, server: server);
            // A store of the template has its tables already; elsewhere the first instance makes them.
            if (server is null)
            {
                await LeaseGuard.InstallAsync(instances._store);
                instances._isGuarded = true;
            }
            for (var at = 0; at < count; at++)
                await instances.AddAsync(port, services);
            return instances;
        }
        catch
        {
            await instances.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more instance.</summary>
    /// <param name="port">The port of a pooler or a proxy before the database; null: none.</param>
    /// <param name="services">Replaces parts of it, by its place.</param>
    /// <param name="more">The end of its connection string, where a port is given.</param>
    public async Task<GenApiApp> AddAsync(int? port = null, Action<int, IServiceCollection>? services = null, string more = "")
    {
        var (at, first, settings) = (_all.Count, _all.FirstOrDefault(), new Dictionary<string, string?>(_settings));
        if (port is not null)
            settings["Database:ConnectionString"] = Store.ConnectionString(port) + more;
        var app = _areProcesses
            ? await GenApiApp.StartProcessOnAsync(Store, first, settings, _sandbox)
            : await GenApiApp.StartOnAsync(Store, first, settings, _sandbox, each => services?.Invoke(at, each));
        _all.Add(app);
        return app;
    }

    /// <summary>
    /// Sends POST /generate as a careful caller behind a load balancer does: with an idempotency key, to another instance if one does not
    /// answer, and again while the service asks for that.
    /// </summary>
    public async Task<Answer> GenerateAsync(object body, string key, params (string Name, string Value)[] headers)
    {
        for (var patience = 0; ; patience++)
        {
            var answer = await TryAsync(Next(), body, [("Idempotency-Key", key), .. headers]);
            if (answer is { Status: not (502 or 503 or 504) })
                return answer;
            Assert.True(patience < 400, $"No instance took {JsonSerializer.Serialize(body)}: {answer?.Text}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ended);
        }
    }

    /// <summary>Waits at whichever instance answers until a generation has ended.</summary>
    public async Task<Answer> EndedAsync(string id, params (string Name, string Value)[] headers)
    {
        for (var round = 0; round < 1200; round++)
        {
            var seen = await SendAsync(HttpMethod.Get, Next(), $"/generations/{id}", null, [("Prefer", "wait=2"), .. headers]);
            if (seen is { Status: 200, State: "succeeded" or "failed" or "canceled" })
                return seen;
            if (seen?.Status != 200)
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ended);
        }
        throw new InvalidOperationException($"{id} did not end.");
    }

    /// <returns>The answer; null: the connection was refused or broke.</returns>
    public Task<Answer?> TryAsync(Uri address, object body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, address, "/generate", JsonSerializer.Serialize(body), headers);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        // The first one owns the sandbox.
        foreach (var app in Enumerable.Reverse(_all))
            await app.DisposeAsync();
        if (_store is null)
            return;
        if (_isGuarded)
            await LeaseGuard.AssertKeptAsync(_store);
        await _store.DisposeAsync();
    }

    /// <summary>The next instance in turn that is not stopped.</summary>
    private Uri Next()
    {
        for (var tries = 0; tries < _all.Count; tries++)
        {
            var app = _all[(int)((uint)Interlocked.Increment(ref _turn) % (uint)_all.Count)];
            if (app.IsRunning)
                return app.Address;
        }
        return new Uri("http://127.0.0.1:9");
    }

    private async Task<Answer?> SendAsync(
        HttpMethod method, Uri address, string path, string? body, IEnumerable<(string Name, string Value)> headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, path));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers.Append(Keys.AsAdmin).DistinctBy(each => each.Item1))
            request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var response = await _http.SendAsync(request, Ended);
            return await Answer.ReadAsync(response);
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            return null;
        }
    }
}
