using System.Globalization;
using GenApi.Core.Errors;

namespace GenApi.Core.Images;

/// <summary>Why bytes are not taken as an image.</summary>
internal static class ImageFaults
{
    /// <summary>
    /// As many pixels as a 16,384 × 16,384 picture: 1 GiB once decoded. No model takes more; an input that claims more is a bomb.
    /// </summary>
    public const long MostPixels = 1L << 28;

    // These two are transient: a cut transfer or an error page in place of the file is the usual cause, and fetching again costs nothing.
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
        new(ErrorKind.DownloadFailed, "The file came without its length, so it may be cut short: it is fetched again to compare.") { IsTransient = true };

    /// <summary>Of a file's own claim; how large a picture may be is asked where pictures are taken in.</summary>
    public static ImageFacts Checked(ImageFormat format, long width, long height) =>
        width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue ? new ImageFacts(format, (int)width, (int)height) : throw Damaged();

    /// <summary>For pictures from outside, which are decoded somewhere. Outputs are only kept and handed out.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.UpstreamBadAnswer"/>, final.</exception>
    public static ImageFacts Bounded(ImageFacts facts) => (long)facts.Width * facts.Height <= MostPixels
        ? facts
        : throw new GenApiException(ErrorKind.UpstreamBadAnswer, string.Create(CultureInfo.InvariantCulture,
            $"The image claims {facts.Width} × {facts.Height} pixels; the limit is {MostPixels}."));
}
