using System.Buffers.Binary;

namespace GenApi.Core.Images;

/// <summary>
/// AVIF and HEIC (ISO/IEC 23008-12): boxes in boxes. The size is the largest <c>ispe</c> property: a picture made of tiles, or one with a
/// thumbnail, lists those too, and the whole is never smaller than its parts.
/// </summary>
internal static class HeifProbe
{
    private const int DeepestBox = 8;

    public static ImageFacts Read(ImageBytes bytes)
    {
        ImageFormat? format = null;
        (long Width, long Height) size = default;
        var hasData = false;
        for (long at = 0; at < bytes.Length;)
        {
            var box = ReadBox(bytes, at, bytes.Length);
            if (box.Is("ftyp"u8))
                format = FormatOf(bytes, box);
            else if (box.Is("meta"u8))
                size = LargestSize(bytes, box.Body + 4, box.End, 0, ref hasData);
            else if (box.Is("mdat"u8))
                hasData = true;
            at = box.End;
        }
        if (format is null)
            throw ImageFaults.NotAnImage();
        return hasData ? ImageFaults.Checked(format, size.Width, size.Height) : throw ImageFaults.CutShort();
    }

    private static ImageFormat? FormatOf(ImageBytes bytes, Box box)
    {
        ImageFormat? format = null;
        // The major brand, four bytes of version, then the compatible brands. AVIF files name the general brand mif1 too.
        for (var at = box.Body; at + 4 <= box.End && format != ImageFormat.Avif; at += at == box.Body ? 8 : 4)
        {
            var brand = bytes.At(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
                format = ImageFormat.Avif;
            else if (brand.SequenceEqual("heic"u8) || brand.SequenceEqual("heix"u8) || brand.SequenceEqual("hevc"u8) || brand.SequenceEqual("mif1"u8))
                format = ImageFormat.Heic;
        }
        return format;
    }

    private static (long Width, long Height) LargestSize(ImageBytes bytes, long at, long end, int depth, ref bool hasData)
    {
        // Properties are two boxes deep; a file of nothing but boxes in boxes would end the process.
        if (depth > DeepestBox)
            throw ImageFaults.Damaged();
        (long Width, long Height) largest = default;
        while (at < end)
        {
            var box = ReadBox(bytes, at, end);
            (long Width, long Height) found = default;
            if (box.Is("iprp"u8) || box.Is("ipco"u8))
                found = LargestSize(bytes, box.Body, box.End, depth + 1, ref hasData);
            else if (box.Is("idat"u8))
                hasData = true;
            else if (box.Is("ispe"u8))
            {
                var size = bytes.At(box.Body + 4, 8);
                found = (BinaryPrimitives.ReadUInt32BigEndian(size), BinaryPrimitives.ReadUInt32BigEndian(size[4..]));
            }
            if ((UInt128)found.Width * (UInt128)found.Height > (UInt128)largest.Width * (UInt128)largest.Height)
                largest = found;
            at = box.End;
        }
        return largest;
    }

    private static Box ReadBox(ImageBytes bytes, long at, long end)
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
        return new Box(type, body, at + size);
    }

    private readonly record struct Box(uint Type, long Body, long End)
    {
        public bool Is(ReadOnlySpan<byte> name) => BinaryPrimitives.ReadUInt32BigEndian(name) == Type;
    }
}
