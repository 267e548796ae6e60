using GenApi.Core.Errors;

namespace GenApi.Core.Images.Conversion;

/// <summary>Converts images with libvips, within the limits of <see cref="ConversionOptions"/>.</summary>
public sealed class ImageConverter
{
    /// <summary>Converts an image. The same original and the same conversion give the same bytes.</summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.ImageNotConvertible"/>, final: the image is damaged, of no known format or beyond a limit.
    /// <see cref="ErrorKind.Overloaded"/>, transient: too many conversions wait.
    /// </exception>
    public Task<ConvertedImage> ConvertAsync(OriginalImage original, ImageConversion wanted, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>As above, for an original that is in memory.</summary>
    public Task<ConvertedImage> ConvertAsync(ReadOnlyMemory<byte> original, ImageConversion wanted, CancellationToken cancellationToken) =>
        ConvertAsync(OriginalImage.Of(original), wanted, cancellationToken);

    /// <summary>Decodes the first frame: sRGB with alpha, eight bits, orientation applied.</summary>
    /// <param name="longestSide">In pixels. A smaller image is not enlarged.</param>
    /// <exception cref="GenApiException">As for a conversion.</exception>
    public Task<PixelMap> PixelsAsync(OriginalImage original, int longestSide, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>As above, for an original that is in memory.</summary>
    public Task<PixelMap> PixelsAsync(ReadOnlyMemory<byte> original, int longestSide, CancellationToken cancellationToken) =>
        PixelsAsync(OriginalImage.Of(original), longestSide, cancellationToken);
}
