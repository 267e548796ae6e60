using GenApi.Core.Cluster;
using GenApi.Core.Models;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Api;
using GenApi.Sandbox;
using GenApi.Sandbox.Control;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Refit;

namespace GenApi.Tests.Models;

/// <summary>A catalogue with a sandbox on its socket and a database in its own folder; the folder survives a restart.</summary>
internal sealed class CatalogueHouse : IAsyncDisposable
{
    private readonly string _folder;
    private readonly (string Key, string Value)[] _settings;
    private readonly SandboxServer _sandbox;
    private readonly Uri _upstream;
    private readonly Dictionary<string, string?> _storeSettings;
    private readonly TestStore _store;
    private ServiceProvider _services;
    private int _requests;

    private CatalogueHouse(
        string folder, TestStore store, Dictionary<string, string?> storeSettings, SandboxServer sandbox, Uri upstream,
        (string, string)[] settings)
    {
        (_folder, _store, _storeSettings) = (folder, store, storeSettings);
        _sandbox = sandbox;
        _upstream = upstream;
        _settings = settings;
        _services = Services(ReplicateUpstream.SandboxName);
    }

    public MovedClock Time { get; } = new();

    /// <summary>The requests that were sent to the upstream.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public ModelCatalogue Catalogue => _services.GetRequiredService<ModelCatalogue>();

    public ModelGuide Guide => _services.GetRequiredService<ModelGuide>();

    public ModelDirectory InFull => _services.GetRequiredService<ModelDirectory>();

    public SandboxServer Sandbox => _sandbox;

    public IDbContextFactory<GenApiDbContext> Contexts => _services.GetRequiredService<IDbContextFactory<GenApiDbContext>>();

    public static Task<CatalogueHouse> OpenAsync(params (string Key, string Value)[] settings) => OpenAtAsync(null, settings);

    /// <param name="upstream">A server of the test in place of the sandbox.</param>
    /// <param name="settings">Keys as in appsettings.json.</param>
    public static async Task<CatalogueHouse> OpenAtAsync(Uri? upstream, params (string Key, string Value)[] settings)
    {
        var sandbox = await SandboxServer.StartAsync(new SandboxOptions { Speed = 0 });
        var folder = Directory.CreateTempSubdirectory("genapi-models-").FullName;
        var store = await TestStore.CreateAsync(folder);
        var house = new CatalogueHouse(folder, store, await store.SettingsAsync(), sandbox, upstream ?? sandbox.BaseUrl, settings);
        await using var db = await house.Contexts.CreateDbContextAsync();
        await db.Database.EnsureCreatedAsync();
        return house;
    }

    public ValueTask StopUpstreamAsync() => _sandbox.DisposeAsync();

    public async Task RestartAsync(string upstream = ReplicateUpstream.SandboxName)
    {
        await _services.DisposeAsync();
        _services = Services(upstream);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _sandbox.DisposeAsync();
        await _store.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private ServiceProvider Services(string upstream)
    {
        var settings = _settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value);
        foreach (var (key, value) in _storeSettings)
            settings[key] = value;
        settings["DataDirectory"] = _folder;
        settings["Replicate:BaseUrl"] = _upstream.ToString();
        settings["Replicate:ApiToken"] = "r8_test";
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddPersistence().AddCluster().AddReplicate().AddModels();
        services.AddHttpClient(UniqueName.ForType<IReplicateApi>()).AddHttpMessageHandler(() => new Counter(this));
        var provider = services.BuildServiceProvider();
        var choice = provider.GetRequiredService<ReplicateUpstream>();
        if (upstream == ReplicateUpstream.SandboxName)
            choice.UseSandbox(_upstream);
        else
            choice.UseReplicate();
        return provider;
    }

    /// <summary>A clock that can be moved forward; its timers are real, because the client's retries wait for them.</summary>
    internal sealed class MovedClock : TimeProvider
    {
        private TimeSpan _moved;

        public void Advance(TimeSpan by) => _moved += by;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _moved;

        public override long GetTimestamp() => System.GetTimestamp() + (long)(_moved.TotalSeconds * TimestampFrequency);
    }

    private sealed class Counter(CatalogueHouse house) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref house._requests);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
