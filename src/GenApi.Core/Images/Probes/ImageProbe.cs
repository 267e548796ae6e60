using GenApi.Core.Errors;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads format and size from the bytes themselves, whatever a header or an extension claims, and checks that the file is complete as far
/// as its format shows. It decodes nothing.
/// </summary>
internal static class ImageProbe
{
    /// <summary>Reads an image in memory.</summary>
    /// <inheritdoc cref="Read(ImageBytes.Reader, long)" path="/exception"/>
    public static ImageFacts Read(byte[] bytes) => Read(
        (buffer, offset) =>
        {
            var rest = bytes.AsSpan((int)Math.Min(offset, bytes.Length));
            var count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer);
            return count;
        },
        bytes.Length);

    /// <summary>Reads images from outside: they must have a format that models accept, and not too many pixels.</summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.DownloadFailed"/>, transient, for bytes that are truncated, damaged or not an image;
    /// <see cref="ErrorKind.UpstreamBadAnswer"/>, final, for an image with too many pixels.
    /// </exception>
    public static ImageFacts Read(ImageBytes.Reader read, long length)
    {
        using var bytes = new ImageBytes(read, length);
        if (Find(read, bytes) is { } facts)
            return ImageFaults.Bounded(facts);
        throw length == 0 ? ImageFaults.CutShort() : ImageFaults.NotAnImage();
    }

    /// <returns>Null if the bytes have none of these formats.</returns>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.DownloadFailed"/>, transient: the format is known, but the file is truncated or damaged.
    /// </exception>
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
