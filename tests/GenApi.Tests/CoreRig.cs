using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using GenApi.Core;
using GenApi.Core.Accounts;
using GenApi.Core.Blobs;
using GenApi.Core.Cluster;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Models;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using GenApi.Tests.Blobs;
using GenApi.Tests.Replicate;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests;

/// <summary>
/// The whole service but HTTP and its background work, on a real SQLite file, with an upstream of the test's and a clock that the test
/// moves. So a test takes one step at a time and sees what it did.
/// </summary>
public class CoreRig : IAsyncLifetime
{
    public const string Sdxl = "stability-ai/sdxl";
    public const string Version = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-core-").FullName;
    private readonly (string Key, string Value)[] _settings;
    private IHost _host = null!;
    private TestStore _store = null!;
    private ScriptedServer _upstream = null!;
    private int _requests;

    public CoreRig()
        : this([])
    {
    }

    protected CoreRig(params (string Key, string Value)[] settings) => _settings = settings;

    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    internal DateTimeOffset Now => Time.GetUtcNow();

    internal FailingFiles Files { get; } = new();

    internal LogLines Log { get; } = new();

    /// <summary>The upstream's answers, by method and path; any other request gets 404.</summary>
    internal ConcurrentDictionary<string, RequestDelegate> Routes { get; } = new();

    /// <summary>Requests to the upstream, as <c>METHOD /path</c>, since the last <see cref="Forget"/>.</summary>
    internal IReadOnlyList<SeenRequest> Requests => [.. _upstream.Requests.Skip(_requests)];

    internal Uri UpstreamUrl => _upstream.BaseUrl;

    internal string DataDirectory => Path.Combine(_folder, "data");

    internal TestStore Store => _store;

    internal DatabaseWriter Writer => Get<DatabaseWriter>();

    internal static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Makes another instance from the same services. It shares nothing in memory with the first one.</summary>
    internal T Make<T>(params object[] parts) => ActivatorUtilities.CreateInstance<T>(_host.Services, parts);

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.CreateAsync(DataDirectory);
        if (_store.Database is null)
            await GenApiApp.PutNewDatabaseAsync(DataDirectory);
        _upstream = await ScriptedServer.StartAsync(AnswerAsync);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var services = builder.Services;
        var settings = new Dictionary<string, string?>
        {
            ["DataDirectory"] = DataDirectory,
            ["Replicate:ApiToken"] = ReplicateRig.Token,
            ["Replicate:BaseUrl"] = UpstreamUrl.ToString().TrimEnd('/'),
            ["Replicate:DeliveryHosts:0"] = UpstreamUrl.Authority,
            // A clock that stands still lets no further call in.
            ["Replicate:CreationsPerMinute"] = "1000000",
            ["Replicate:ReadsPerMinute"] = "1000000",
        };
        foreach (var (key, value) in await _store.SettingsAsync())
            settings[key] = value;
        // No heartbeat renews it here.
        if (_store.Database is not null)
            settings["Cluster:LeaseSeconds"] = "600";
        foreach (var (key, value) in _settings)
            settings[key] = value;
        builder.Configuration.AddInMemoryCollection(settings);
        services.AddSingleton<ILoggerProvider>(Log);
        services.AddSingleton<TimeProvider>(Time);
        // The test's clock is the truth, also where there is a server with its own.
        services.AddSingleton(new SteadyClock(Time, followsServer: false));
        services.AddSingleton<DurableFiles>(Files);
        services.AddSingleton<GenerationRenderer>(
            (details, _) => JsonSerializer.SerializeToUtf8Bytes(details.Generation.Status.ToString()));
        services.AddGenApiCore();
        // No heartbeat runs here, so the process is alone on any engine. CoreInstances has several.
        services.AddSingleton<ICluster>(static provider => provider.GetRequiredService<OneProcess>());
        services.AddSingleton<ILeadership>(static provider => provider.GetRequiredService<OneProcess>());
        _host = builder.Build();
        Get<ReplicateUpstream>().UseReplicate();
        foreach (var preparation in _host.Services.GetServices<IHostedService>().OfType<IPreparation>())
            await preparation.PrepareAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)_host).DisposeAsync();
        await _upstream.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Prepares the next test: the upstream knows nothing, no request has been seen, and no file call fails.</summary>
    internal void Forget()
    {
        Routes.Clear();
        Files.Heal();
        _requests = _upstream.Requests.Count;
    }

    internal void Answer(string route, string body, int status = 200) => Routes[route] = context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body, context.RequestAborted);
    };

    /// <summary>Writes a row as the intake does, and claims it for this process.</summary>
    internal async Task<Generation> AcceptAsync(NewGeneration made, bool isClaimed = true)
    {
        var row = Generation.Accept(made, Now);
        if (isClaimed)
            row.Claim(Get<GenerationLeases>().Next());
        return await AddAsync(row);
    }

    internal async Task<Generation> AddAsync(Generation row)
    {
        await Writer.WriteAsync(async (db, token) =>
        {
            db.Add(row);
            await db.SaveChangesAsync(token);
        }, Stop);
        Get<GenerationTimelines>().Begin(row);
        return row;
    }

    /// <summary>Changes a row as another process would, so that those who hold a copy do not know.</summary>
    internal Task EditAsync(Generation known, Action<Generation> change) => Writer.WriteAsync(async (db, token) =>
    {
        var row = await db.Set<Generation>().SingleAsync(each => each.Id == known.Id, token);
        change(row);
        row.Touch();
        await db.SaveChangesAsync(token);
    }, Stop);

    internal async Task<Generation?> ReadAsync(Guid id)
    {
        await using var db = await Get<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync(Stop);
        return await db.Set<Generation>().AsNoTracking().SingleOrDefaultAsync(each => each.Id == id, Stop);
    }

    internal async Task<List<T>> AllAsync<T>(Func<IQueryable<T>, IQueryable<T>>? choose = null)
        where T : class
    {
        await using var db = await Get<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync(Stop);
        var rows = db.Set<T>().AsNoTracking();
        return await (choose?.Invoke(rows) ?? rows).ToListAsync(Stop);
    }

    internal GenerationRun RunOf(Generation row, bool isOfAnEarlierProcess = false)
    {
        var timelines = Get<GenerationTimelines>();
        if (isOfAnEarlierProcess)
            timelines.End(row.Id);
        return new(row, timelines.Of(row), TimeSpan.FromSeconds(900));
    }

    internal static NewGeneration New(
        string prompt, string? input = null, Guid owner = default, string key = "", CostEstimate? estimate = null, string? files = null,
        string upstream = ReplicateUpstream.ReplicateName, string model = Sdxl, string? version = Version) => new(
            model, version, upstream, prompt, input ?? JsonSerializer.Serialize(new { prompt }), files, 7, "{}",
            key.Length > 0 ? key : Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString("N"),
            Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString("N"), null, 1, estimate)
        {
            OwnerId = owner,
        };

    internal static Caller CallerOf(Guid account, bool isAdministrator = false) => new(
        account, hasKey: true, "a key", isAdministrator ? KeyRights.Admin : KeyRights.Generate | KeyRights.Read, CancellationToken.None);

    private Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.Date = Now.ToString("R", CultureInfo.InvariantCulture);
        if (Routes.TryGetValue($"{context.Request.Method} {context.Request.Path}", out var answer))
            return answer(context);
        context.Response.StatusCode = 404;
        return context.Response.WriteAsync("{}", context.RequestAborted);
    }
}
