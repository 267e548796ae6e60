using System.Diagnostics.Metrics;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Blobs;
using GenApi.Core.Cluster;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Hosting.Problems;
using GenApi.Images;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GenApi.Tests.Images;

/// <summary>The image routes alone, over a real socket, a real SQLite file and a real folder.</summary>
public sealed class ImagesHost : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("genapi-images-").FullName;
    private readonly TimeProvider _time;
    private readonly (string Key, string Value)[] _settings;
    private WebApplication _app = null!;
    private TestStore _store = null!;

    public ImagesHost()
        : this(TimeProvider.System, [])
    {
    }

    private ImagesHost(TimeProvider time, (string Key, string Value)[] settings) => (_time, _settings) = (time, settings);

    private WebApplication Build(IEnumerable<KeyValuePair<string, string?>> store)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(store);
        builder.Configuration.AddInMemoryCollection(
            _settings.Append(("DataDirectory", _data)).ToDictionary(pair => pair.Item1, pair => (string?)pair.Item2));
        builder.Services.AddSingleton(_time);
        builder.Services.AddPersistence().AddCluster().AddAccounts().AddBlobs().AddImages().AddImageEndpoints();
        builder.Services.AddSingleton<GenApiMetrics>();
        builder.Services.AddSingleton<GenerationCache>().AddSingleton<GenerationReader>().AddSingleton<MissingImages>();
        builder.Services.AddSingleton<GenerationChanges>().AddSingleton<GenerationGrants>().AddSingleton<GenerationAccess>();
        var app = builder.Build();
        // Images here have no generation, and no key is required.
        app.Use((context, next) =>
        {
            context.Features.Set(context.RequestServices.GetRequiredService<ApiKeys>().Open);
            return next(context);
        });
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = TellCodeAsync, AllowStatusCode404Response = true });
        app.MapImages();
        return app;
    }

    public HttpClient Client { get; private set; } = null!;

    internal ImageLibrary Library => _app.Services.GetRequiredService<ImageLibrary>();

    internal IBlobMaintenance Maintenance => _app.Services.GetRequiredService<IBlobMaintenance>();

    internal IBlobStore Blobs => _app.Services.GetRequiredService<IBlobStore>();

    internal DatabaseWriter Writer => _app.Services.GetRequiredService<DatabaseWriter>();

    public static Task<ImagesHost> StartAsync(params (string Key, string Value)[] settings) => StartAsync(TimeProvider.System, settings);

    public static async Task<ImagesHost> StartAsync(TimeProvider time, params (string Key, string Value)[] settings)
    {
        var host = new ImagesHost(time, settings);
        try
        {
            await host.InitializeAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.CreateAsync(_data);
        _app = Build(await _store.SettingsAsync());
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    internal TestBlobs Bytes => _store.Blobs;

    internal TestStore Store => _store;

    public static string UrlOf(StoredImage image) => "/images/" + PublicId.Format(PublicId.Image, image.Id);

    public async Task<StoredImage> StoreAsync(byte[] bytes, string fileName = "a-cat-42", Guid? generation = null, int index = 0)
    {
        var stop = TestContext.Current.CancellationToken;
        using var staged = await Library.StageAsync(new MemoryStream(bytes), stop);
        var image = staged.ToRow(NewId(), generation ?? NewId(), index, fileName);
        await Writer.WriteAsync(async (db, token) =>
        {
            db.Add(image);
            await db.SaveChangesAsync(token);
        }, stop);
        return image;
    }

    public async Task DeleteAsync(Guid id)
    {
        var stop = TestContext.Current.CancellationToken;
        var removed = await Writer.WriteAsync((db, token) => ImageLibrary.RemoveRowAsync(db, id, token), stop);
        await Library.ForgetAsync([removed!], stop);
    }

    public async Task<int> CountAsync()
    {
        await using var db = await _app.Services.GetRequiredService<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync();
        return await db.Set<StoredImage>().CountAsync();
    }

    /// <summary>Returns how many variants were made with this outcome.</summary>
    public long Variants(string outcome)
    {
        var count = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, reader) =>
        {
            if (instrument.Meter == _app.Services.GetRequiredService<GenApiMetrics>().Meter
                && instrument.Name == "genapi.images.variants")
                reader.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => count += Equals(tags[0].Value, outcome) ? value : 0);
        listener.Start();
        listener.RecordObservableInstruments();
        return count;
    }

    public static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_data, recursive: true);
    }

    private static Task TellCodeAsync(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error as GenApiException;
        context.Response.StatusCode = failure is null ? StatusCodes.Status500InternalServerError : ProblemTable.StatusOf(failure.Kind);
        return context.Response.WriteAsync(failure?.Code ?? "unexpected");
    }
}
