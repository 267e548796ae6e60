using GenApi.Core.Errors;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Format and size from the bytes themselves, whatever a header or an extension claims, and whether the file is whole as far as its format
/// tells. Nothing is decoded.
/// </summary>
internal static class ImageProbe
{
    /// <summary>For pictures from outside: of a format that models take, and not too large.</summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.DownloadFailed"/>, transient, for what is cut short, damaged or no image;
    /// <see cref="ErrorKind.UpstreamBadAnswer"/>, final, for an image with too many pixels.
    /// </exception>
    public static ImageFacts Read(ImageBytes.Reader read, long length)
    {
        using var bytes = new ImageBytes(read, length);
        if (Find(read, bytes) is { } facts)
            return ImageFaults.Bounded(facts);
        throw length == 0 ? ImageFaults.CutShort() : ImageFaults.NotAnImage();
    }

    /// <returns>Null: the bytes are of none of these formats.</returns>
    /// <exception cref="GenApiException"><see cref="ErrorKind.DownloadFailed"/>, transient: they are, and cut short or damaged.</exception>
    public static ImageFacts? Find(ImageBytes.Reader read, ImageBytes bytes)
    {
        if (bytes.StartsWith(PngProbe.Magic))
            return PngProbe.Read(bytes);
        if (bytes.StartsWith(JpegProbe.Magic))
            return JpegProbe.Read(bytes);
        if (bytes.StartsWith("RIFF"u8) && bytes.StartsWith("WEBP"u8, 8))
            return WebPProbe.Read(bytes);
        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8))
            return GifProbe.Read(bytes);
        if (bytes.StartsWith("ftyp"u8, 4))
            return HeifProbe.Find(bytes);
        if (bytes.StartsWith("BM"u8))
            return BmpProbe.Find(bytes);
        return SvgProbe.LooksLikeMarkup(bytes) ? SvgProbe.Find(read, bytes) : null;
    }
}
