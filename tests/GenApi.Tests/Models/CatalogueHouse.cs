using GenApi.Core.Models;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Sandbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Refit;

namespace GenApi.Tests.Models;

/// <summary>A catalogue with a sandbox on its socket and a database in a folder of its own; the folder survives a restart.</summary>
internal sealed class CatalogueHouse : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-models-").FullName;
    private readonly (string Key, string Value)[] _settings;
    private readonly SandboxServer _sandbox;
    private ServiceProvider _services;
    private int _requests;

    private CatalogueHouse(SandboxServer sandbox, (string, string)[] settings)
    {
        _sandbox = sandbox;
        _settings = settings;
        _services = Services(ReplicateUpstream.SandboxName);
    }

    public MovedClock Time { get; } = new();

    /// <summary>Requests that left for the upstream.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public ModelCatalogue Catalogue => _services.GetRequiredService<ModelCatalogue>();

    public static async Task<CatalogueHouse> OpenAsync(params (string Key, string Value)[] settings)
    {
        var house = new CatalogueHouse(await SandboxServer.StartAsync(new SandboxOptions { Speed = 0 }), settings);
        await using var db = await house._services.GetRequiredService<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync();
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
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private ServiceProvider Services(string upstream)
    {
        var settings = _settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value);
        settings["DataDirectory"] = _folder;
        settings["Replicate:BaseUrl"] = _sandbox.BaseUrl.ToString();
        settings["Replicate:ApiToken"] = "r8_test";
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddPersistence().AddReplicate().AddModels();
        services.AddHttpClient(UniqueName.ForType<IReplicateApi>()).AddHttpMessageHandler(() => new Counter(this));
        var provider = services.BuildServiceProvider();
        var choice = provider.GetRequiredService<ReplicateUpstream>();
        if (upstream == ReplicateUpstream.SandboxName)
            choice.UseSandbox(_sandbox.BaseUrl);
        else
            choice.UseReplicate();
        return provider;
    }

    /// <summary>The calendar can be moved on; timers run as ever, since the client's retries wait on them.</summary>
    internal sealed class MovedClock : TimeProvider
    {
        private TimeSpan _moved;

        public void Advance(TimeSpan by) => _moved += by;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _moved;
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
