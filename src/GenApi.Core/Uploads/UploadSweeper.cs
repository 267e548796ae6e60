using GenApi.Core.Errors;
using GenApi.Core.Images.Library;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Uploads;

/// <summary>Every ten minutes: uploads that nobody has used for too long, and files at the upstream that nobody needs.</summary>
internal sealed partial class UploadSweeper(
    UploadLibrary uploads, SentFiles sent, ImageLibrary images, TimeProvider time, ILogger<UploadSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await SweepAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping, which is how this ends.
        }
    }

    /// <summary>One round; what fails is tried again in the next.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await uploads.SweepAsync(cancellationToken);
            await sent.SweepAsync(images, cancellationToken);
        }
        catch (GenApiException fault)
        {
            Log.NotSwept(logger, fault);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Uploads could not be swept; trying again in ten minutes")]
        public static partial void NotSwept(ILogger logger, Exception fault);
    }
}
