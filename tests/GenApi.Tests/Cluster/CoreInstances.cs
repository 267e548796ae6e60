using System.Globalization;
using System.Text.Json;
using GenApi.Core;
using GenApi.Core.Cluster;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using GenApi.Tests.Persistence;
using GenApi.Tests.Replicate;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Cluster;

/// <summary>
/// Several instances without HTTP and hardly any background work on one PostgreSQL, with one upstream and one clock, which the test moves.
/// So a test decides whose heartbeat comes when, and what each instance does in between.
/// </summary>
internal sealed class CoreInstances : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-instances-").FullName;
    private readonly List<CoreInstance> _all = [];
    private TestStore _store = null!;
    private ScriptedServer _upstream = null!;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Of instances that are added from now on.</summary>
    public int LeaseSeconds { get; set; } = 10;

    public CoreInstance this[int at] => _all[at];

    public TestStore Store => _store;

    /// <summary>The creations that have arrived at the upstream.</summary>
    public int Creations => _upstream.Requests.Count(request => request.Method == "POST");

    /// <summary>Answers a request to the upstream.</summary>
    public RequestDelegate Answer { get; set; } = context =>
    {
        context.Response.ContentType = "application/json";
        if (context.Request.Path == "/v1/predictions")
            return context.Response.WriteAsync("""{ "results": [], "next": null }""");
        context.Response.StatusCode = 404;
        return context.Response.WriteAsync("{}");
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static async Task<CoreInstances> StartAsync(int count = 2)
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var instances = new CoreInstances();
        instances._upstream = await ScriptedServer.StartAsync(context =>
        {
            context.Response.Headers.Date = instances.Time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            return instances.Answer(context);
        });
        instances._store = await TestStore.OnPostgresAsync(Path.Combine(instances._folder, "store"), isS3: false);
        for (var at = 0; at < count; at++)
            await instances.AddAsync();
        return instances;
    }

    /// <summary>Starts another instance, which joins.</summary>
    /// <param name="reason">Why it must be alone; null: it need not be.</param>
    public async Task<CoreInstance> AddAsync(string? reason = null)
    {
        var settings = await _store.SettingsAsync();
        settings["DataDirectory"] = Path.Combine(_folder, $"{_all.Count}");
        settings["Cluster:LeaseSeconds"] = $"{LeaseSeconds}";
        settings["Replicate:ApiToken"] = ReplicateRig.Token;
        settings["Replicate:BaseUrl"] = _upstream.BaseUrl.ToString().TrimEnd('/');
        settings["Replicate:CreationsPerMinute"] = settings["Replicate:ReadsPerMinute"] = "1000000";
        var instance = new CoreInstance(settings, Time, reason);
        try
        {
            await instance.PrepareAsync(Ended);
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
        _all.Add(instance);
        return instance;
    }

    /// <summary>Adds a generation that waits to be sent.</summary>
    public async Task<Generation> AcceptAsync(Action<Generation>? change = null)
    {
        var row = Generation.Accept(CoreRig.New("a fox"), Time.GetUtcNow());
        change?.Invoke(row);
        await this[0].Get<DatabaseWriter>().WriteAsync(async (db, token) =>
        {
            db.Add(row);
            await db.SaveChangesAsync(token);
        }, Ended);
        return row;
    }

    public async Task<Generation> ReadAsync(Generation row)
    {
        await using var db = await this[0].Get<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync(Ended);
        return await db.Set<Generation>().AsNoTracking().SingleAsync(each => each.Id == row.Id, Ended);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _all)
            await instance.DisposeAsync();
        await _upstream.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>One of <see cref="CoreInstances"/>.</summary>
internal sealed class CoreInstance : IAsyncDisposable
{
    private readonly IHost _host;

    public CoreInstance(Dictionary<string, string?> settings, FakeTimeProvider time, string? reason)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        var services = builder.Services;
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<ILoggerProvider>(Log);
        services.AddSingleton(new SteadyClock(time, followsServer: false));
        services.AddSingleton<GenerationRenderer>(
            (details, _) => JsonSerializer.SerializeToUtf8Bytes(details.Generation.Status.ToString()));
        services.AddSingleton<IChangeListener>(Heard);
        services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(() => new BeforePost(this)));
        services.AddGenApiCore();
        // The tests of leases need no bytes, so they say themselves whether an instance must be alone.
        foreach (var each in services.Where(each => each.ServiceType == typeof(ISoleReason)).ToList())
            services.Remove(each);
        services.AddSingleton<ISoleReason>(new Reason(reason));
        _host = builder.Build();
        Get<ReplicateUpstream>().UseReplicate();
    }

    public LogLines Log { get; } = new();

    public HeardChanges Heard { get; } = new();

    /// <summary>Called when a creation is about to be sent, after its intent is committed.</summary>
    public Action? OnPost { get; set; }

    public ICluster Cluster => Get<ICluster>();

    public ILeadership Leadership => Get<ILeadership>();

    public GenerationQueue Queue => Get<GenerationQueue>();

    public GenerationLeases Leases => Get<GenerationLeases>();

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        foreach (var preparation in _host.Services.GetServices<IHostedService>().OfType<IPreparation>())
            await preparation.PrepareAsync(cancellationToken);
        // The tests hold what they claim; no worker runs here.
        Leases.Walked = null;
        // Calls wait for their portion of the shared limits, which this loop alone brings.
        await Get<SharedUpstream>().StartAsync(cancellationToken);
    }

    public Task BeatAsync() => Get<HeartbeatLoop>().RoundAsync(Ended);

    public Task LeaveAsync() => Get<HeartbeatLoop>().LeaveAsync(Ended);

    /// <summary>Claims what can be claimed, as the worker does in a round.</summary>
    public async Task<IReadOnlyList<GenerationRun>> ClaimAsync()
    {
        var alive = Cluster.Alive;
        if (alive.IsCancellationRequested)
            return [];
        Queue.LeasesFreed();
        var rows = await Queue.ClaimUnderWayAsync(50, Ended);
        rows.AddRange(await Queue.ClaimWaitingAsync(50, Ended));
        return rows.ConvertAll(row => new GenerationRun(
            row, Get<GenerationTimelines>().Of(row), TimeSpan.FromSeconds(900), new CallPermit(_ => { }))
        { Alive = alive });
    }

    public Task<T> WriteAsync<T>(Func<GenApiDbContext, CancellationToken, Task<T>> work) => Get<DatabaseWriter>().WriteAsync(work, Ended);

    public async ValueTask DisposeAsync()
    {
        await Get<SharedUpstream>().StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private sealed class Reason(string? why) : ISoleReason
    {
        public string? WhyAlone => why;
    }

    private sealed class BeforePost(CoreInstance instance) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Post)
                instance.OnPost?.Invoke();
            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>Keeps what a listener was told.</summary>
internal sealed class HeardChanges : IChangeListener
{
    public List<StoreChange> All { get; } = [];

    public int Losses { get; private set; }

    public void Changed(IReadOnlyList<StoreChange> changes) => All.AddRange(changes);

    public void Lost() => Losses++;
}
