using System.Globalization;
using GenApi.Core.Errors;

namespace GenApi.Core.Images;

/// <summary>The reasons to reject bytes as an image.</summary>
internal static class ImageFaults
{
    /// <summary>
    /// As many pixels as a 16,384 × 16,384 image: 1 GiB once decoded. No model accepts more; an input that claims more is a decompression
    /// bomb.
    /// </summary>
    public const long MostPixels = 1L << 28;

    // The next two are transient: a truncated transfer or an error page is the usual cause, and fetching again costs nothing.
    public static GenApiException CutShort() =>
        new(ErrorKind.DownloadFailed, "The file ends before its image does.") { IsTransient = true };

    public static GenApiException Damaged() =>
        new(ErrorKind.DownloadFailed, "The file is damaged.") { IsTransient = true };

    public static GenApiException NotAnImage() =>
        new(ErrorKind.DownloadFailed, "The file is not an image of a known format.") { IsTransient = true };

    public static GenApiException Empty() =>
        new(ErrorKind.DownloadFailed, "The file is empty.") { IsTransient = true };

    public static GenApiException Page() =>
        new(ErrorKind.DownloadFailed, "A web page (HTML) came in place of the file.") { IsTransient = true };

    public static GenApiException Unproven() =>
        new(ErrorKind.DownloadFailed, "The file came without its length and may be truncated; it is fetched again to compare.")
        {
            IsTransient = true,
        };

    /// <summary>Checks the size that a file claims. How large an image may be is decided where images are accepted.</summary>
    public static ImageFacts Checked(ImageFormat format, long width, long height) =>
        width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue
            ? new ImageFacts(format, (int)width, (int)height)
            : throw Damaged();

    /// <summary>Limits images from outside, which are decoded somewhere. Outputs are only stored and served.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.UpstreamBadAnswer"/>, final.</exception>
    public static ImageFacts Bounded(ImageFacts facts) => (long)facts.Width * facts.Height <= MostPixels
        ? facts
        : throw new GenApiException(ErrorKind.UpstreamBadAnswer, string.Create(CultureInfo.InvariantCulture,
            $"The image claims {facts.Width} × {facts.Height} pixels; the limit is {MostPixels}."));
}
