using System.Buffers.Binary;
using System.Text;
using GenApi.Core.Errors;

namespace GenApi.Core.Images.Containers;

/// <summary>The four formats whose metadata is read and written here.</summary>
public enum ContainerFormat
{
    Png,
    Jpeg,
    WebP,
    Avif,
}

/// <summary>The metadata that an image carries, unread.</summary>
/// <param name="Format">The format.</param>
/// <param name="Texts">The texts of a PNG, in the order of the file.</param>
/// <param name="Exif">The TIFF structure, perhaps after <c>Exif\0\0</c>; null: there is none.</param>
/// <param name="Xmp">The XMP packet; null: there is none.</param>
/// <param name="ManifestBytes">The size of the C2PA manifest in bytes; 0: there is none.</param>
public sealed record CarriedMetadata(
    ContainerFormat Format, IReadOnlyList<PngText> Texts, ReadOnlyMemory<byte>? Exif, ReadOnlyMemory<byte>? Xmp, long ManifestBytes);

/// <summary>The metadata that a copy gets. It keeps everything else but the C2PA manifest, which no change leaves valid.</summary>
public sealed record MetadataChange
{
    /// <summary>A TIFF structure without <c>Exif\0\0</c> before it, in place of the old one; null: the old one stays.</summary>
    public byte[]? Exif { get; init; }

    /// <summary>An XMP packet in place of the old one; null: the old one stays.</summary>
    public byte[]? Xmp { get; init; }

    /// <summary>A text for a PNG, in place of all with its keyword; null: none. Other formats have no texts.</summary>
    public (string Keyword, string Text)? Text { get; init; }
}

/// <summary>Reads and changes what PNG, JPEG, WebP and AVIF carry besides pixels. The bytes of the pixels never change.</summary>
public static class ImageContainer
{
    private static readonly Guid ManifestBox = new("d8fec3d6-1b0e-483c-9297-5828877ec481");
    private static readonly Guid XmpBox = new("be7acfcb-97a9-42e8-9c71-999491e3afac");

    /// <summary>Returns the format by the first bytes; null for any other than these four.</summary>
    public static ContainerFormat? FormatOf(ReadOnlySpan<byte> image) =>
        PngChunks.Are(image) ? ContainerFormat.Png
        : JpegSegments.Are(image) ? ContainerFormat.Jpeg
        : RiffChunks.Are(image) ? ContainerFormat.WebP
        : IsoBoxes.AreAvif(image) ? ContainerFormat.Avif
        : null;

    /// <summary>Reads what an image carries.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.ImageNotConvertible"/>: another format, or a damaged image.</exception>
    public static CarriedMetadata Read(ReadOnlyMemory<byte> image)
    {
        switch (FormatOf(image.Span))
        {
            case ContainerFormat.Png:
                var chunks = PngChunks.Read(image);
                var texts = PngTexts.Read(chunks);
                // The packet as text is one of the texts; its bytes are what parsers want.
                var xmp = texts.LastOrDefault(text => text.Keyword == PngTexts.XmpKeyword)?.Text;
                return new CarriedMetadata(
                    ContainerFormat.Png, texts, chunks.LastOrNull(chunk => chunk is { Type: "eXIf", IsIntact: true })?.Data,
                    xmp is null ? null : Encoding.UTF8.GetBytes(xmp),
                    chunks.Where(IsManifest).Sum(chunk => (long)chunk.Data.Length));
            case ContainerFormat.Jpeg:
                var segments = JpegSegments.Read(image);
                return new CarriedMetadata(
                    ContainerFormat.Jpeg, [], segments.FirstOrNull(segment => segment.IsExif)?.Data[JpegSegment.ExifPrefix.Length..],
                    segments.FirstOrNull(segment => segment.IsXmp)?.Data[JpegSegment.XmpPrefix.Length..],
                    JpegManifest.In(segments).Sum(segment => (long)segment.Data.Length));
            case ContainerFormat.WebP:
                var riff = RiffChunks.Read(image);
                return new CarriedMetadata(
                    ContainerFormat.WebP, [], riff.FirstOrNull(chunk => chunk.Type == "EXIF")?.Data,
                    riff.FirstOrNull(chunk => chunk.Type == "XMP ")?.Data,
                    riff.Where(IsManifest).Sum(chunk => (long)chunk.Data.Length));
            case ContainerFormat.Avif:
                var items = IsoItems.Read(image);
                return new CarriedMetadata(
                    ContainerFormat.Avif, [], ExifOf(items),
                    items.Items.FirstOrDefault(item => item.IsXmp) is { } packet
                        ? items.DataOf(packet)
                        : items.Top.FirstOrNull(box => Is(box, XmpBox))?.Data[16..],
                    items.Top.Where(box => Is(box, ManifestBox)).Sum(box => (long)box.Data.Length));
            default:
                throw NotOne();
        }
    }

    /// <summary>Returns a copy with other metadata and without a C2PA manifest.</summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.ImageNotConvertible"/>: the image has another format or is damaged, or the metadata does not fit into a JPEG.
    /// </exception>
    public static byte[] Write(ReadOnlyMemory<byte> image, MetadataChange change) => FormatOf(image.Span) switch
    {
        ContainerFormat.Png => WritePng(image, change),
        ContainerFormat.Jpeg => WriteJpeg(image, change),
        ContainerFormat.WebP => WriteWebP(image, change),
        ContainerFormat.Avif => IsoWriter.Write(
            IsoItems.Read(image), change.Exif, change.Xmp,
            box => Is(box, ManifestBox) || (change.Xmp is not null && Is(box, XmpBox))),
        _ => throw NotOne(),
    };

    private static byte[] WritePng(ReadOnlyMemory<byte> image, MetadataChange change)
    {
        var old = PngChunks.Read(image);
        var added = new List<PngChunk>();
        if (change.Text is { } text)
            added.Add(PngTexts.Make(text.Keyword, text.Text));
        if (change.Xmp is { } xmp)
            added.Add(PngTexts.MakeXmp(xmp));
        if (change.Exif is { } exif)
            added.Add(PngChunks.Make("eXIf", exif));
        var kept = old.Where(chunk => !IsManifest(chunk)
            && !(chunk.Type == "eXIf" && change.Exif is not null)
            && !(PngTexts.KeywordOf(chunk) is { } keyword
                && (keyword == change.Text?.Keyword || (keyword == PngTexts.XmpKeyword && change.Xmp is not null)))).ToList();
        // Readers that do not decode stop at the pixels, and colours must come before a palette: the place is just before the pixels.
        kept.InsertRange(kept.FindIndex(chunk => chunk.Type == "IDAT"), added);
        return PngChunks.Write(kept, PngChunks.Tail(image, old));
    }

    private static byte[] WriteJpeg(ReadOnlyMemory<byte> image, MetadataChange change)
    {
        var old = JpegSegments.Read(image);
        var manifest = JpegManifest.In(old).Select(segment => segment.Raw).ToHashSet();
        var added = new List<JpegSegment>();
        if (change.Exif is { } exif)
            added.Add(Segment(JpegSegment.ExifPrefix, exif));
        if (change.Xmp is { } xmp)
            added.Add(Segment(JpegSegment.XmpPrefix, xmp));
        var kept = old.Where(segment => !manifest.Contains(segment.Raw)
            && !(segment.IsExif && change.Exif is not null) && !(segment.IsXmp && change.Xmp is not null)).ToList();
        // JFIF wants to be first. Everything else comes after, so addresses that count from their own segment (MPF) stay right.
        kept.InsertRange(kept.FindIndex(segment => segment.Marker != JpegSegments.App0) is >= 0 and var place ? place : kept.Count, added);
        return JpegSegments.Write(kept, JpegSegments.Scans(image, old));
    }

    private static JpegSegment Segment(ReadOnlySpan<byte> prefix, byte[] data) =>
        prefix.Length + data.Length <= JpegSegments.LongestData
            ? JpegSegments.Make(JpegSegments.App1, prefix, data)
            : throw ContainerFaults.Unsupported(JpegSegments.Format, "it does not fit into the 64 kB of a segment");

    private static byte[] WriteWebP(ReadOnlyMemory<byte> image, MetadataChange change)
    {
        var old = RiffChunks.Read(image);
        var kept = old.Where(chunk => !IsManifest(chunk)).ToList();
        ReadOnlyMemory<byte>? exif = change.Exif is { } newExif ? newExif : kept.FirstOrNull(chunk => chunk.Type == "EXIF")?.Data;
        ReadOnlyMemory<byte>? xmp = change.Xmp is { } newXmp ? newXmp : kept.FirstOrNull(chunk => chunk.Type == "XMP ")?.Data;
        return RiffChunks.Write([.. RiffChunks.With(kept, exif, xmp)], RiffChunks.Tail(image));
    }

    private static bool IsManifest(PngChunk chunk) => chunk.Type == "caBX";

    private static bool IsManifest(RiffChunk chunk) => chunk.Type == "C2PA";

    private static bool Is(IsoBox box, Guid type) =>
        box.Type == "uuid" && box.Data.Length >= 16 && new Guid(box.Data.Span[..16], bigEndian: true) == type;

    /// <summary>Returns the structure of the Exif item, which begins after a number that says where.</summary>
    private static ReadOnlyMemory<byte>? ExifOf(IsoItems items)
    {
        if (items.Items.FirstOrDefault(item => item.IsExif) is not { } found || items.DataOf(found) is not { Length: > 4 } data)
            return null;
        var skipped = BinaryPrimitives.ReadUInt32BigEndian(data.Span);
        return skipped <= data.Length - 4 ? data[(4 + (int)skipped)..] : null;
    }

    private static GenApiException NotOne() => new(
        ErrorKind.ImageNotConvertible, "Only PNG, JPEG, WebP and AVIF can carry settings and marks.");

    private static T? FirstOrNull<T>(this IEnumerable<T> all, Func<T, bool> isIt)
        where T : struct
    {
        foreach (var each in all)
        {
            if (isIt(each))
                return each;
        }
        return null;
    }

    private static T? LastOrNull<T>(this IEnumerable<T> all, Func<T, bool> isIt)
        where T : struct => all.Reverse().FirstOrNull(isIt);
}
