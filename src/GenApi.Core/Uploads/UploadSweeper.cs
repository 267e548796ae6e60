using GenApi.Core.Background;
using GenApi.Core.Errors;
using GenApi.Core.Images.Library;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Uploads;

/// <summary>Removes, every ten minutes, uploads that were unused for too long and files at the upstream that nothing needs.</summary>
internal sealed partial class UploadSweeper(
    UploadLibrary uploads, SentFiles sent, ImageLibrary images, TimeProvider time, ILogger<UploadSweeper> logger)
    : BackgroundLoop(time, logger, TimeSpan.FromMinutes(10))
{
    protected override Task WorkAsync(CancellationToken stopping) => SweepAsync(stopping);

    /// <summary>One round; what fails is tried again in the next.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        await uploads.SweepAsync(cancellationToken);
        await sent.SweepAsync(images, cancellationToken);
    }

    protected override void Report(GenApiException fault) => Log.NotSwept(Logger, fault);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Uploads could not be swept; trying again every ten minutes")]
        public static partial void NotSwept(ILogger logger, Exception fault);
    }
}
