using GenApi.Core.Persistence;

namespace GenApi.Hosting;

/// <summary>Shows on stderr what a start is still doing to a large store before it serves, until it serves or is refused.</summary>
internal sealed class StartProgress(ProgressLine line) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        line.Dispose();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal static class StartProgressSetup
{
    public static void AddStartProgress(this WebApplicationBuilder builder)
    {
        // Made at once, so that the time it tells is that of the start; the container takes the line away where the start is refused.
        var line = ProgressLine.OnStandardError(TimeProvider.System);
        builder.Services.AddSingleton(_ => line);
        builder.Services.AddSingleton<IProgress<WorkStep>>(provider => provider.GetRequiredService<ProgressLine>());
        builder.Services.AddHostedService<StartProgress>();
    }
}
