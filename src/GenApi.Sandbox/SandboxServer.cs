using GenApi.Sandbox.Control;
using GenApi.Sandbox.Files;
using GenApi.Sandbox.Http;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace GenApi.Sandbox;

/// <summary>
/// Serves Replicate's HTTP API on its own socket, with painted pictures instead of models. Several can run in one process. They share only
/// the settings of libvips: no operation cache, one thread per picture.
/// </summary>
public sealed class SandboxServer : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;
    private bool _disposed;

    private SandboxServer(WebApplication app, Uri baseUrl)
    {
        _app = app;
        BaseUrl = baseUrl;
        Faults = app.Services.GetRequiredService<Faults>();
        Stats = app.Services.GetRequiredService<SandboxStats>();
    }

    /// <summary>The scheme, host and actual port, without <c>/v1</c>.</summary>
    public Uri BaseUrl { get; }

    public Faults Faults { get; }

    public SandboxStats Stats { get; }

    /// <param name="options">The settings; do not change them afterwards.</param>
    /// <param name="time">The clock for every wait; null: the system's clock.</param>
    /// <param name="ct">Cancels the start, not the running server.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<SandboxServer> StartAsync(SandboxOptions options, TimeProvider? time = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var app = Build(options, time ?? TimeProvider.System);
        try
        {
            await app.StartAsync(ct);
            var address =
                app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
            return new SandboxServer(app, Reachable(address));
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        Faults.Clear();
        using (var patience = new CancellationTokenSource(StopPatience))
            await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    private static WebApplication Build(SandboxOptions options, TimeProvider time)
    {
        // The empty builder reads no settings and no environment: inside another program they belong to that program.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        var services = builder.Services;
        services.AddRoutingCore();
        services.AddSingleton<IHostLifetime, OwnedLifetime>();
        services.AddSingleton(options);
        services.AddSingleton<TimeProvider>(new SandboxClock(time));
        services.AddSingleton<Faults>();
        services.AddSingleton<SandboxStats>();
        services.AddSingleton(new OutputFiles(options.PictureCacheBytes));
        services.AddSingleton<ModelShelf>();
        services.AddSingleton<ModelExamples>();
        services.AddSingleton(new PredictionBook(options.MaxPredictions));
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<PredictionEngine>();
        services.AddSingleton<PredictionLedger>();
        services.AddSingleton<Trainings>();
        services.AddSingleton<Deployments>();
        services.AddSingleton<CreationFaults>();
        services.AddSingleton<PredictionCreation>();
        services.AddSingleton<UploadedFiles>();
        services.AddSingleton<InputPictures>();
        services.AddSingleton<Gate>();

        var app = builder.Build();
        foreach (var url in options.Addresses)
            app.Urls.Add(url);
        var gate = app.Services.GetRequiredService<Gate>();
        app.Use((http, next) => gate.PassAsync(http, next));
        app.UseRouting();
        app.MapPredictions();
        app.MapModels();
        app.MapMadeModels();
        app.MapCollections();
        app.MapDeployments();
        app.MapTrainings();
        app.MapSearch();
        app.MapAccount();
        app.MapUploads();
        app.MapOutputs();
        app.MapPages();
        app.MapControl();
        app.MapFallback(() => Answers.NotFound);
        return app;
    }

    /// <summary>Replaces a wildcard host by the loopback.</summary>
    private static Uri Reachable(string address) =>
        new(address.Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));

    /// <summary>Ignores signals: the program that started the sandbox stops it after its own work.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
