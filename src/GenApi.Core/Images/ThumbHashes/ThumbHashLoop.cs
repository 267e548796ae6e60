using GenApi.Core.Background;
using GenApi.Core.Errors;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Images.ThumbHashes;

/// <summary>
/// Computes the ThumbHash of each stored image, the newest first. A partial index holds the images without one, so the loop continues after
/// a restart and also comes to images that are older than this feature. It works on one image at a time and rests longer than it works.
/// </summary>
internal sealed partial class ThumbHashLoop(
    IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, ImageLibrary library, ImageConverter converter, TimeProvider time,
    ILogger<ThumbHashLoop> logger) : BackgroundLoop(time, logger)
{
    private const string WithoutThumbHash = "IX_Images_WithoutThumbHash";

    /// <summary>The rest after an image is this many times as long as the work: one processor is at most a tenth busy.</summary>
    private const int Rests = 9;

    /// <summary>A start has more urgent things to do.</summary>
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A picture that was just stored is shown now, in a size that is being made from it. Its ThumbHash, for later lists, would decode the
    /// same file at the same moment.
    /// </summary>
    private static readonly TimeSpan AfterStored = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);

    /// <summary>Images that failed for now. They are tried again when no other image is left, so none holds up the rest.</summary>
    private readonly List<Guid> _postponed = [];

    private bool _isBehind;
    private bool _hadToPostpone;

    protected override Task BeginAsync(CancellationToken stopping)
    {
        _isBehind = true;
        return library.StoredAsync(AfterStart, stopping);
    }

    protected override Task RestAsync(CancellationToken stopping) => !IsWell ? Task.Delay(AfterFailure, Time, stopping)
        : _isBehind ? Task.CompletedTask
        : _hadToPostpone ? library.StoredAsync(AfterFailure, stopping)
        : NewAsync(stopping);

    private async Task NewAsync(CancellationToken stopping)
    {
        await library.StoredAsync(stopping);
        // By real time: what it waits for is the browser.
        await Task.Delay(AfterStored, TimeProvider.System, stopping);
    }

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        var image = await contexts.ReadAsync(
            db => db.Through<StoredImage>(WithoutThumbHash).AsNoTracking()
                .Where(each => each.Kind == FileKind.Image && each.ThumbHash == null && !_postponed.Contains(each.Id))
                .OrderByDescending(each => each.CreatedAt).FirstOrDefaultAsync(stopping), stopping);
        _isBehind = image is not null;
        if (image is null)
        {
            _hadToPostpone = _postponed.Count > 0;
            _postponed.Clear();
            return;
        }
        var began = Time.GetTimestamp();
        _postponed.Add(image.Id);
        var hash = await HashAsync(image, stopping);
        await writer.WriteAsync((db, token) => db.Set<StoredImage>().Where(each => each.Id == image.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(each => each.ThumbHash, hash), token), stopping);
        library.Refresh([image.Id]);
        _postponed.Remove(image.Id);
        var rest = Rests * Time.GetElapsedTime(began);
        await Task.Delay(rest < LongestRest ? rest : LongestRest, Time, stopping);
    }

    protected override void Report(GenApiException fault) => Log.Paused(Logger, fault);

    /// <returns>Empty if the image has none, because its bytes are lost, damaged or beyond a limit.</returns>
    private async Task<byte[]> HashAsync(StoredImage image, CancellationToken stopping)
    {
        try
        {
            var original = new OriginalImage(image.Bytes, token => library.ReadWholeAsync(image, token));
            var pixels = await converter.PixelsAsync(original, ThumbHashEncoder.LongestSide, stopping);
            return ThumbHashEncoder.Encode(pixels.Width, pixels.Height, pixels.Rgba);
        }
        catch (GenApiException fault) when (fault.Kind is ErrorKind.ImageNotConvertible or ErrorKind.BlobMissing or ErrorKind.NotFound)
        {
            // The store check reports lost bytes. Here the image would only come up again and again.
            return [];
        }
        catch (Exception defect) when (defect is not (GenApiException or OperationCanceledException))
        {
            Log.Skipped(Logger, image.PublicId, defect);
            return [];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Could not compute the ThumbHash of an image; trying again every 10 seconds")]
        public static partial void Paused(ILogger logger, Exception fault);

        [LoggerMessage(2, LogLevel.Error, "Image {Image} gets no ThumbHash, because computing it failed unexpectedly")]
        public static partial void Skipped(ILogger logger, string image, Exception defect);
    }
}
