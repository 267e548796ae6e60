using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Maintenance.Checks;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>
/// Looks after the whole store beside the service, once a minute: what retention takes, what nobody needs any more, the database's file. All of it in small steps, and
/// what can wait waits for a moment in which no generation is under way.
/// </summary>
internal sealed partial class MaintenanceWorker(
    Retention retention, Sweeps sweeps, BlobScan scan, OpenGenerations open, IBlobStore blobs, TimeProvider time, SteadyClock clock,
    ILogger<MaintenanceWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UsesEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AgeEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromDays(1);

    /// <summary>A service that never rests is swept all the same.</summary>
    private static readonly TimeSpan LongestWaitForRest = TimeSpan.FromHours(6);

    private static readonly TimeSpan ScanAnywayEvery = TimeSpan.FromMinutes(10);

    private DateTimeOffset _usesAt, _ageAt, _sweepAt, _scanAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var now = clock.Now;
        (_usesAt, _ageAt, _sweepAt) = (now + UsesEvery, now, now + AgeEvery);
        using var timer = new PeriodicTimer(Beat, time);
        try
        {
            await TryAsync(blobs.CountAsync, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await RoundAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping, which is how this ends.
        }
    }

    /// <summary>What was used until now is written down.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(token => retention.SaveUsesAsync(time.GetUtcNow(), token), cancellationToken);
    }

    /// <summary>All that is due; what fails is tried again when it is due next.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        // When something is done goes by one clock, and what is old by the other.
        var (now, steady) = (time.GetUtcNow(), clock.Now);
        var isAgeDue = IsDue(ref _ageAt, AgeEvery, steady);
        // What goes is chosen by what is written down.
        if (IsDue(ref _usesAt, UsesEvery, steady) || isAgeDue)
            await TryAsync(token => retention.SaveUsesAsync(now, token), cancellationToken);
        if (isAgeDue)
            await TryAsync(token => retention.ForgetUnusedAsync(now, token), cancellationToken);
        await TryAsync(token => retention.MakeRoomAsync(now, token), cancellationToken);
        if (open.Count > 0 && steady < _sweepAt + LongestWaitForRest)
        {
            // A service that never rests is read through all the same, ten times as slowly.
            if (IsDue(ref _scanAt, ScanAnywayEvery, steady))
                await TryAsync(scan.RunAsync, cancellationToken);
            return;
        }
        _scanAt = steady + ScanAnywayEvery;
        if (IsDue(ref _sweepAt, SweepEvery, steady))
            await TryAsync(token => sweeps.RunAsync(now, token), cancellationToken);
        await TryAsync(sweeps.TightenAsync, cancellationToken);
        await TryAsync(scan.RunAsync, cancellationToken);
    }

    private static bool IsDue(ref DateTimeOffset at, TimeSpan every, DateTimeOffset now)
    {
        if (now < at)
            return false;
        at = now + every;
        return true;
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (GenApiException fault)
        {
            Log.Failed(logger, fault);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The upkeep of the store did not come to its end; it is tried again")]
        public static partial void Failed(ILogger logger, Exception fault);
    }
}
