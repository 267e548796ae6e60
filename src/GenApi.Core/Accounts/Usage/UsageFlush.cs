using GenApi.Core.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Accounts.Usage;

/// <summary>Writes the counted answers into the ledger by and by, and the last of them when the service stops.</summary>
internal sealed partial class UsageFlush(UsageCounts counts, TimeProvider time, ILogger<UsageFlush> logger) : BackgroundService
{
    /// <summary>What a crash forgets of hits and joined runs at most; of runs it forgets nothing.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(wasWell: true, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat, time);
        var isWell = true;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                isWell = await TryAsync(isWell, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> TryAsync(bool wasWell, CancellationToken cancellationToken)
    {
        try
        {
            await counts.FlushAsync(cancellationToken);
            return true;
        }
        catch (GenApiException fault)
        {
            if (wasWell)
                Log.NotWritten(logger, fault);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Answers from the store could not be written into the usage ledger; they stay counted in memory")]
        public static partial void NotWritten(ILogger logger, Exception fault);
    }
}
