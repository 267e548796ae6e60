using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Accounts.Keys;

/// <summary>Loads the keys before anything is served, then notices what other processes change, and writes when keys were used.</summary>
internal sealed partial class KeyWatch(ApiKeys keys, TimeProvider time, ILogger<KeyWatch> logger) : BackgroundService, IPreparation
{
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>A crash forgets at most so much of "last used".</summary>
    private const int BeatsPerSave = 15;

    public Task PrepareAsync(CancellationToken cancellationToken) => keys.LoadAsync(cancellationToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await TryAsync(keys.SaveUsesAsync, isFirst: true, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The time to stop is over. What was not written is some seconds of "last used", and no reason to end with a failure.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat, time);
        var isWell = true;
        try
        {
            for (var beat = 1; await timer.WaitForNextTickAsync(stoppingToken); beat++)
            {
                isWell = await TryAsync(keys.RefreshAsync, isWell, stoppingToken)
                    && (beat % BeatsPerSave != 0 || await TryAsync(keys.SaveUsesAsync, isWell, stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>A database that can't be asked changes nothing: the keys known so far stay as they are, and it is asked again.</summary>
    private async Task<bool> TryAsync(Func<CancellationToken, Task> act, bool isFirst, CancellationToken cancellationToken)
    {
        try
        {
            await act(cancellationToken);
            return true;
        }
        catch (GenApiException fault)
        {
            if (isFirst)
                Log.CannotLook(logger, fault);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The API keys can't be looked at; those known so far stay as they are")]
        public static partial void CannotLook(ILogger logger, Exception fault);
    }
}
