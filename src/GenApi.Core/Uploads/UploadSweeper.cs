using GenApi.Core.Background;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Images.Library;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Uploads;

/// <summary>
/// Saves, every ten minutes, which uploads were used, and removes uploads that were unused for too long and files at the upstream that
/// nothing needs. Of several instances only the leader removes.
/// </summary>
internal sealed partial class UploadSweeper(
    UploadLibrary uploads, SentFiles sent, ImageLibrary images, ICluster cluster, ILeadership leadership, TimeProvider time,
    ILogger<UploadSweeper> logger)
    : BackgroundLoop(time, logger, Every)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override Task WorkAsync(CancellationToken stopping) => SweepAsync(stopping);

    /// <summary>One round; what fails is tried again in the next.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (!leadership.IsLeader)
        {
            await uploads.SaveUsesAsync(cancellationToken);
            return;
        }
        await uploads.SweepAsync(cluster.IsShared ? 2 * Every : TimeSpan.Zero, cancellationToken);
        await sent.SweepAsync(images, cancellationToken);
    }

    protected override void Report(GenApiException fault) => Log.NotSwept(Logger, fault);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Uploads could not be swept; trying again every ten minutes")]
        public static partial void NotSwept(ILogger logger, Exception fault);
    }
}
