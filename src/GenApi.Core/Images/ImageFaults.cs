using System.Globalization;
using GenApi.Core.Errors;

namespace GenApi.Core.Images;

/// <summary>Why bytes are not taken as an image.</summary>
internal static class ImageFaults
{
    /// <summary>
    /// As many pixels as a 16,384 × 16,384 picture: 1 GiB once decoded. No model makes more; a file that claims more is a bomb.
    /// </summary>
    public const long MostPixels = 1L << 28;

    // These two are transient: a cut transfer or an error page in place of the file is the usual cause, and fetching again costs nothing.
    public static GenApiException CutShort() =>
        new(ErrorKind.DownloadFailed, "The file ends before its image does.") { IsTransient = true };

    public static GenApiException Damaged() =>
        new(ErrorKind.DownloadFailed, "The file is damaged.") { IsTransient = true };

    public static GenApiException NotAnImage() =>
        new(ErrorKind.DownloadFailed, "The file is not an image of a known format.") { IsTransient = true };

    public static ImageFacts Checked(ImageFormat format, long width, long height)
    {
        if (width <= 0 || height <= 0)
            throw Damaged();
        if (width > MostPixels || height > MostPixels / width)
            throw new GenApiException(ErrorKind.UpstreamBadAnswer, string.Create(CultureInfo.InvariantCulture,
                $"The image claims {width} × {height} pixels; the limit is {MostPixels}."));
        return new ImageFacts(format, (int)width, (int)height);
    }
}
