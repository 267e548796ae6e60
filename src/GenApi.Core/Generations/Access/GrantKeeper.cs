using GenApi.Core.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Access;

/// <summary>Writes down what hits have given, as soon as it is given: while one batch is written the next one gathers.</summary>
internal sealed partial class GrantKeeper(GenerationGrants grants, TimeProvider time, ILogger<GrantKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(isFirst: true, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isWell = true;
        try
        {
            while (true)
            {
                if (isWell)
                    await grants.GivenAsync(stoppingToken);
                else
                    await Task.Delay(Pause, time, stoppingToken);
                isWell = await TryAsync(isWell, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping; what is left is written by StopAsync.
        }
    }

    private async Task<bool> TryAsync(bool isFirst, CancellationToken cancellationToken)
    {
        try
        {
            await grants.SaveAsync(cancellationToken);
            return true;
        }
        catch (GenApiException fault)
        {
            if (isFirst)
                Log.NotSaved(logger, fault);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Who was given which answer could not be written down; tried again every second")]
        public static partial void NotSaved(ILogger logger, Exception fault);
    }
}
