using GenApi.Core.Errors;
using GenApi.Core.Images.Probes;

namespace GenApi.Core.Images.Conversion;

/// <summary>The facts of an original that a conversion needs before anything is decoded.</summary>
/// <param name="Format">The format, by the bytes themselves.</param>
/// <param name="Bytes">The file, without what its pixels do not need.</param>
/// <param name="Header">What libvips reads without decoding; null for a drawing, which only another process opens.</param>
/// <param name="Size">The size of the result.</param>
/// <param name="Memory">The memory for decoding, scaling and encoding, in bytes, an estimate from above.</param>
internal sealed record ImagePlan(ImageFormat Format, byte[] Bytes, VipsHeader? Header, FittedSize Size, long Memory)
{
    /// <summary>
    /// The encoder of AVIF can't be stopped. It takes some 0.4 s for a million pixels, and so at most some 7 s more than allowed.
    /// </summary>
    private const long MostAvifPixels = 1 << 24;

    /// <summary>The memory that libvips takes for one conversion besides pixels.</summary>
    private const long Fixed = 6 << 20;

    /// <summary>An SVG of 8 MB took 313 MiB to open.</summary>
    private const int DrawingPerByte = 40, DrawingPerPixel = 12;

    /// <summary>Rows that libvips has in memory while it scales down an image that it decodes row by row.</summary>
    private const int Rows = 2000;

    /// <summary>The size that a drawing states, and that of the result; null for other formats.</summary>
    public (int Width, int Height, FittedSize Size)? Drawn { get; private init; }

    /// <summary>The pixels of a drawing at its scaled size, once they are drawn.</summary>
    public byte[]? Drawing { get; init; }

    /// <param name="bytes">The original.</param>
    /// <param name="wanted">The conversion.</param>
    /// <param name="mostPixels">The limit on the pixels that are decoded.</param>
    /// <exception cref="GenApiException"><see cref="ErrorKind.ImageNotConvertible"/>, final.</exception>
    public static ImagePlan Of(byte[] bytes, ImageConversion wanted, long mostPixels)
    {
        var facts = Probe(bytes);
        // The size that the file states comes first: libvips is not even asked to open an image that is too large.
        RequirePixels((long)facts.Width * facts.Height, mostPixels);
        if (facts.Format == ImageFormat.Svg)
        {
            var size = FittedSize.Of(facts.Width, facts.Height, wanted);
            RequireEncodable(size, wanted);
            return new ImagePlan(
                facts.Format, bytes, null, size,
                Fixed + bytes.LongLength * DrawingPerByte + size.ScaledPixels * DrawingPerPixel + Encoding(size.Pixels, wanted))
            {
                Drawn = (facts.Width, facts.Height, size),
            };
        }
        var kept = facts.Format == ImageFormat.Png ? PngOriginal.WithoutTexts(bytes) : bytes;
        var header = VipsHeader.Read(kept, facts.Format, wanted.Format == VariantFormat.Webp);
        RequirePixels((long)header.Width * header.Height * header.Frames, mostPixels);
        var fitted = FittedSize.Of(header.DisplayedWidth, header.DisplayedHeight, wanted);
        RequireEncodable(fitted, wanted);
        var copy = ReferenceEquals(kept, bytes) ? 0 : kept.LongLength;
        var memory = copy + Decoding(facts.Format, header, fitted) + Encoding(fitted.Pixels, wanted);
        return new ImagePlan(facts.Format, kept, header, fitted, memory);
    }

    private static ImageFacts Probe(byte[] bytes)
    {
        int Read(Span<byte> buffer, long offset)
        {
            var count = (int)Math.Max(0, Math.Min(buffer.Length, bytes.LongLength - offset));
            bytes.AsSpan((int)Math.Min(offset, bytes.LongLength), count).CopyTo(buffer);
            return count;
        }

        try
        {
            using var window = new ImageBytes(Read, bytes.LongLength);
            if (ImageProbe.Find(Read, window) is { } facts)
                return IsConvertible(facts.Format) ? facts : throw ConversionFaults.UnknownFormat(facts.Format.ContentType);
            if (OtherImageProbe.Find(window) is not { } other)
                throw ConversionFaults.NotAnImage();
            return other.ContentType == ImageFormat.Tiff.ContentType
                ? new ImageFacts(ImageFormat.Tiff, other.Width ?? 1, other.Height ?? 1)
                : throw ConversionFaults.UnknownFormat(other.ContentType);
        }
        catch (GenApiException failure) when (failure.Kind == ErrorKind.DownloadFailed)
        {
            throw ConversionFaults.Damaged(failure);
        }
    }

    private static bool IsConvertible(ImageFormat format) => format == ImageFormat.Png || format == ImageFormat.Jpeg
        || format == ImageFormat.WebP || format == ImageFormat.Gif || format == ImageFormat.Avif || format == ImageFormat.Svg;

    private static void RequirePixels(long pixels, long most)
    {
        if (pixels > most)
            throw ConversionFaults.TooManyPixels(pixels, most);
    }

    private static void RequireEncodable(FittedSize size, ImageConversion wanted)
    {
        if (wanted.Format == VariantFormat.Avif && size.Pixels > MostAvifPixels)
            throw ConversionFaults.TooLargeForAvif(size.Pixels, MostAvifPixels);
    }

    /// <summary>
    /// The factors are measured (libvips 8.18.7, 4,096 × 4,096), rounded up. PNG and JPEG are decoded row by row unless they are stored in
    /// several passes; the other decoders hold the whole image.
    /// </summary>
    private static long Decoding(ImageFormat format, VipsHeader header, FittedSize size)
    {
        var pixels = (long)header.Width * header.Height;
        var rows = Math.Min(pixels, (long)header.Width * Rows) * Math.Max(4, header.BytesPerPixel);
        var turned = header.Orientation > 1 || header.Frames > 1 ? size.ScaledPixels * header.Frames * 4 : 0;
        return Fixed + turned + (format.Extension, header.Frames) switch
        {
            (".png", _) => rows + (header.HasPasses ? pixels * header.BytesPerPixel : 0),
            (".jpg", _) => rows + (header.HasPasses ? pixels * (header.HasHalfColors ? 3 : 2 * header.Bands) : 0),
            (".webp", 1) => pixels * 5,
            (".webp", _) => pixels * 13,
            (".gif", 1) => pixels * 7,
            (".gif", _) => pixels * 11,
            (".avif", _) => pixels * (header.BytesPerPixel > 4 ? 28 : 16),
            _ => rows + pixels * header.BytesPerPixel,
        };
    }

    /// <summary>Adds the encoded file, which is in memory twice for a moment.</summary>
    private static long Encoding(long pixels, ImageConversion wanted) => pixels * wanted.Format switch
    {
        VariantFormat.Avif => 21,
        VariantFormat.Webp => 9,
        VariantFormat.Png => 5,
        _ => 2,
    };
}
