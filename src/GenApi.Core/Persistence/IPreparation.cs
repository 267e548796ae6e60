using GenApi.Core.Errors;
using Microsoft.Extensions.Hosting;

namespace GenApi.Core.Persistence;

/// <summary>
/// A part of a start that may refuse it. All of them are done, in the order of their registration, before any hosted service begins its
/// work: a start that is refused has sent nothing, served nothing and said nothing.
/// </summary>
public interface IPreparation : IHostedLifecycleService
{
    /// <exception cref="SettingException">The service can't start so.</exception>
    Task PrepareAsync(CancellationToken cancellationToken);

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => PrepareAsync(cancellationToken);

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
