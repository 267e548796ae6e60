using System.Runtime.InteropServices;
using GenApi.Core.Persistence.Files;
using GenApi.Hosting.Health;
using GenApi.Hosting.Settings;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace GenApi.Hosting.Start;

/// <summary>
/// Logs what an operator wants to know about a start: the version, the data directory, settings without effect, and the address of the
/// page.
/// </summary>
internal sealed partial class StartLines(
    KnownSettings settings, DataDirectory directory, IServer server, IHostEnvironment environment, ILogger<StartLines> logger)
    : IHostedLifecycleService
{
    private const string PagePath = "/swagger";

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Log.Version(logger, ProgramVersion.Text, RuntimeInformation.FrameworkDescription, environment.EnvironmentName);
        Log.Data(logger, directory.Root);
        foreach (var sentence in settings.Misnamed())
            Log.Misnamed(logger, sentence);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Logs the address of the page. All ports are known now, also one that the system chose.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address)
            Log.Page(logger, new Uri(HealthProbe.Target(address), PagePath));
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "GenApi {Version} ({Runtime}, {Environment})")]
        public static partial void Version(ILogger logger, string version, string runtime, string environment);

        [LoggerMessage(2, LogLevel.Information, "Data directory: {DataDirectory}")]
        public static partial void Data(ILogger logger, string dataDirectory);

        [LoggerMessage(3, LogLevel.Warning, "{Sentence}")]
        public static partial void Misnamed(ILogger logger, string sentence);

        [LoggerMessage(4, LogLevel.Information, "Swagger UI: {Page}")]
        public static partial void Page(ILogger logger, Uri page);
    }
}
