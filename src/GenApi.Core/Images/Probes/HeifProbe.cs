using System.Buffers.Binary;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads AVIF and HEIC (ISO/IEC 23008-12), which are nested boxes. The size is the displayed size of the primary item: <c>ispe</c>, cropped
/// by <c>clap</c>, rotated by <c>irot</c>. Without a primary item it is the largest <c>ispe</c>: a tiled image lists its tiles too, and the
/// whole is never smaller than its parts.
/// </summary>
internal static class HeifProbe
{
    /// <returns>Null for boxes of another kind, such as a video's.</returns>
    public static ImageFacts? Find(ImageBytes bytes)
    {
        var first = IsoBox.Read(bytes, 0, bytes.Length);
        if (!first.Is("ftyp"u8) || FormatOf(bytes, first) is not { } format)
            return null;
        var meta = new HeifMeta(bytes);
        for (var at = first.End; at < bytes.Length;)
        {
            var box = IsoBox.Read(bytes, at, bytes.Length);
            if (box.Is("meta"u8))
                meta.Read(box.Body + 4, box.End);
            else if (box.Is("mdat"u8))
                meta.HasData = true;
            at = box.End;
        }
        var (width, height) = meta.DisplayedSize();
        return meta.HasData ? ImageFaults.Checked(format, width, height) : throw ImageFaults.CutShort();
    }

    private static ImageFormat? FormatOf(ImageBytes bytes, IsoBox box)
    {
        ImageFormat? format = null;
        // The major brand, four bytes of version, then the compatible brands. AVIF files also list the general brand mif1.
        for (var at = box.Body; at + 4 <= box.End && format != ImageFormat.Avif; at += at == box.Body ? 8 : 4)
        {
            var brand = bytes.At(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
                format = ImageFormat.Avif;
            else if (brand.SequenceEqual("heic"u8) || brand.SequenceEqual("heix"u8)
                || brand.SequenceEqual("hevc"u8) || brand.SequenceEqual("mif1"u8))
                format = ImageFormat.Heic;
        }
        return format;
    }
}

/// <summary>A box of the ISO base media format: its type, where its content begins, and where it ends.</summary>
internal readonly record struct IsoBox(uint Type, long Body, long End)
{
    public bool Is(ReadOnlySpan<byte> name) => BinaryPrimitives.ReadUInt32BigEndian(name) == Type;

    /// <exception cref="Errors.GenApiException">The box ends behind <paramref name="end"/>, or before it begins.</exception>
    public static IsoBox Read(ImageBytes bytes, long at, long end)
    {
        var head = bytes.At(at, 8);
        long size = BinaryPrimitives.ReadUInt32BigEndian(head);
        var type = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        var body = at + 8;
        if (size == 1)
        {
            size = (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(bytes.At(body, 8)), long.MaxValue);
            body += 8;
        }
        else if (size == 0)
            size = end - at;
        if (size < body - at)
            throw ImageFaults.Damaged();
        if (size > end - at)
            throw end == bytes.Length ? ImageFaults.CutShort() : ImageFaults.Damaged();
        return new IsoBox(type, body, at + size);
    }
}
