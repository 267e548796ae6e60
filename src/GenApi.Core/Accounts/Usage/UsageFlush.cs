using GenApi.Core.Accounts.EndUsers;
using GenApi.Core.Background;
using GenApi.Core.Errors;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Accounts.Usage;

/// <summary>
/// Writes the counted answers into the ledger and the new names of end users every few seconds, and the last of them when the service
/// stops.
/// </summary>
internal sealed partial class UsageFlush(
    UsageCounts counts, EndUserNames names, TimeProvider time, ILogger<UsageFlush> logger) : BackgroundLoop(time, logger, Beat)
{
    /// <summary>A crash loses at most this much of hits and joined runs. It loses nothing of runs.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    protected override Task WorkAsync(CancellationToken stopping) => FlushAsync(stopping);

    protected override Task LastRoundAsync(CancellationToken cancellationToken) => FlushAsync(cancellationToken);

    protected override void Report(GenApiException fault) => Log.NotWritten(Logger, fault);

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        await counts.FlushAsync(cancellationToken);
        await names.FlushAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Warning, "Answers from the store could not be written into the usage ledger; they stay counted in memory")]
        public static partial void NotWritten(ILogger logger, Exception fault);
    }
}
