using Microsoft.Extensions.Hosting;

namespace GenApi.Core.Models.Catalogue;

/// <summary>Looks every minute which models in use are due to be read again.</summary>
internal sealed class ModelRefresher(ModelCatalogue catalogue, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await catalogue.RefreshDueAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping, which is how this ends.
        }
    }
}
