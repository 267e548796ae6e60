using System.Globalization;
using GenApi.Core.Errors;

namespace GenApi.Core.Images.Conversion;

/// <summary>The reasons why an image is not converted.</summary>
internal static class ConversionFaults
{
    public const string Served = "The original is still served.";

    public static GenApiException UnknownFormat(string contentType) => Final(
        $"An image of the type {contentType} can't be converted; PNG, JPEG, WebP, GIF, AVIF, SVG and TIFF can.");

    public static GenApiException NotAnImage() => Final("The file is not an image of a format that can be converted.");

    public static GenApiException Damaged(Exception cause) =>
        Final("The image can't be decoded: it is damaged, or uses a feature of its format that is not supported.", cause);

    public static GenApiException TooManyPixels(long pixels, long most) => Final(string.Create(
        CultureInfo.InvariantCulture, $"The image has {pixels} pixels, all frames together; at most {most} are converted."));

    public static GenApiException TooLargeForAvif(long pixels, long most) => Final(string.Create(
        CultureInfo.InvariantCulture,
        $"As AVIF the image would have {pixels} pixels; at most {most} are encoded. Ask for a width or another format."));

    public static GenApiException TooMuchMemory(long bytes, long most) => Final(
        $"Converting the image would take about {ByteSize.Text(bytes)} of memory; at most {ByteSize.Text(most)} are allowed.");

    public static GenApiException TooSlow(TimeSpan most) => Final(string.Create(
        CultureInfo.InvariantCulture, $"Converting the image takes longer than the {most.TotalSeconds:0} seconds that are allowed."));

    /// <summary>The fault is the machine's: the program that draws can't be started.</summary>
    public static GenApiException NoRenderer(Exception cause) =>
        new(ErrorKind.StorageUnavailable, "The process that draws SVG can't be started.", cause) { IsTransient = true };

    /// <summary>Transient: the queue is full.</summary>
    public static GenApiException Overloaded(TimeSpan retryAfter) =>
        new(ErrorKind.Overloaded, "Too many images are waiting to be converted.") { RetryAfter = retryAfter, IsTransient = true };

    private static GenApiException Final(string sentence, Exception? cause = null) =>
        new(ErrorKind.ImageNotConvertible, $"{sentence} {Served}", cause);
}
