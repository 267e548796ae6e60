using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Images;

namespace GenApi.Core.Uploads;

/// <summary>
/// Makes masks from the transparency of images, white where to repaint. A mask is an upload made here, so equal ones are stored once for
/// each account.
/// </summary>
internal sealed class AlphaMasks(UploadLibrary uploads, IBlobStore blobs) : IDisposable
{
    // Decoding needs CPU and memory: two at a time.
    private readonly SemaphoreSlim _slots = new(2);

    /// <param name="image">The image with the transparency.</param>
    /// <param name="painted">The pixels that become white.</param>
    /// <param name="owner">The account that owns the mask.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Null if no pixel of the image is transparent.</returns>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.InvalidInput"/>, worded to follow the name of a member: the upload is no image made of pixels, can't be decoded
    /// here, or has too many pixels. <see cref="ErrorKind.BlobMissing"/>: its bytes are damaged or missing.
    /// </exception>
    public async Task<Upload?> MakeAsync(Upload image, AlphaMeaning painted, Guid owner, CancellationToken cancellationToken)
    {
        RequirePixels(image);
        await _slots.WaitAsync(cancellationToken);
        try
        {
            var bytes = await MaskInverter.ReadAsync(blobs, image.Sha256, cancellationToken);
            var mask = await Task.Run(() => MaskPixels.FromAlpha(bytes, painted), cancellationToken);
            return mask is null
                ? null
                : await uploads.StoreDerivedAsync(new MemoryStream(mask, writable: false), null, owner, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    /// <summary>Refuses files of other kinds and drawings before anything reads them: an upload may be any file.</summary>
    private static void RequirePixels(Upload upload)
    {
        if (upload.ContentType.StartsWith("image/", StringComparison.Ordinal) && upload.ContentType != ImageFormat.Svg.ContentType)
            return;
        throw new GenApiException(
            ErrorKind.InvalidInput, $"is not an image made of pixels, but {upload.ContentType}: send it as PNG or WebP");
    }
}
