using GenApi.Core.Errors;
using Microsoft.Extensions.Hosting;

namespace GenApi.Core.Persistence;

/// <summary>
/// A step of the start that may refuse it. All steps run in the order of their registration, before any hosted service begins its work. So
/// a refused start has sent nothing, served nothing and logged nothing.
/// </summary>
public interface IPreparation : IHostedLifecycleService
{
    /// <summary>Runs the step.</summary>
    /// <exception cref="SettingException">The service can't start.</exception>
    Task PrepareAsync(CancellationToken cancellationToken);

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => PrepareAsync(cancellationToken);

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
