using GenApi.Core.Background;
using GenApi.Core.Blobs;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Bin;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Images.Library;
using GenApi.Core.Maintenance.Checks;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>
/// Maintains the whole store once a minute: the bin, retention, sweeps, the database's file, the scan of bytes. It works in small steps,
/// and what can wait waits until no generation is under way. Of several instances only the leader does it, except for what is in memory.
/// </summary>
internal sealed partial class MaintenanceWorker(
    Retention retention, BinSweep bin, Sweeps sweeps, BlobScan scan, OpenGenerations open, IBlobMaintenance blobs,
    BlobRemovals removals, ICluster cluster, TimeProvider time, SteadyClock clock, ILeadership leadership,
    ILogger<MaintenanceWorker> logger)
    : BackgroundLoop(time, logger, TimeSpan.FromMinutes(1))
{
    private static readonly TimeSpan UsesEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AgeEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromDays(1);

    /// <summary>A service that is never idle is swept after this time all the same.</summary>
    private static readonly TimeSpan LongestWaitForIdle = TimeSpan.FromHours(6);

    private static readonly TimeSpan ScanAnywayEvery = TimeSpan.FromMinutes(10);

    private DateTimeOffset _usesAt, _ageAt, _sweepAt, _scanAt;

    protected override Task BeginAsync(CancellationToken stopping)
    {
        var now = clock.Now;
        (_usesAt, _ageAt, _sweepAt) = (now + UsesEvery, now, now + AgeEvery);
        return TryAsync(blobs.CountAsync, stopping);
    }

    protected override Task WorkAsync(CancellationToken stopping) => RoundAsync(stopping);

    /// <summary>Writes which generations were used until now.</summary>
    protected override Task LastRoundAsync(CancellationToken cancellationToken) =>
        retention.SaveUsesAsync(Time.GetUtcNow(), cancellationToken);

    /// <summary>Does all that is due; what fails is tried again when it is due next.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        // The steady clock says when something is due, the wall clock what is old.
        var (now, steady) = (Time.GetUtcNow(), clock.Now);
        var isAgeDue = IsDue(ref _ageAt, AgeEvery, steady);
        // Uses come first: retention chooses by what is written.
        if (IsDue(ref _usesAt, UsesEvery, steady) || isAgeDue)
            await TryAsync(token => retention.SaveUsesAsync(now, token), cancellationToken);
        if (!leadership.IsLeader)
            return;
        if (isAgeDue)
            await TryAsync(token => retention.ForgetUnusedAsync(now, token), cancellationToken);
        await TryAsync(bin.RunAsync, cancellationToken);
        // Other instances store images too, so the running total drifts.
        if (isAgeDue && cluster.IsShared)
            await TryAsync(blobs.CountAsync, cancellationToken);
        await TryAsync(removals.RunAsync, cancellationToken);
        await TryAsync(token => retention.MakeRoomAsync(now, token), cancellationToken);
        if (open.Count > 0 && steady < _sweepAt + LongestWaitForIdle)
        {
            // The scan of a service that is never idle runs ten times as slowly.
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

    protected override void Report(GenApiException fault) => Log.Failed(Logger, fault);

    private static bool IsDue(ref DateTimeOffset at, TimeSpan every, DateTimeOffset now)
    {
        if (now < at)
            return false;
        at = now + every;
        return true;
    }

    /// <summary>One job of several: the next ones run although it fails.</summary>
    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (GenApiException fault)
        {
            Log.Failed(Logger, fault);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A maintenance job failed; it is tried again")]
        public static partial void Failed(ILogger logger, Exception fault);
    }
}
