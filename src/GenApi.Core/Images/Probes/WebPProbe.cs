using System.Buffers.Binary;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads WebP (RFC 9649): a RIFF file that states its own length. The first chunk holds the size; one of the last holds the orientation.
/// </summary>
internal static class WebPProbe
{
    private const byte ExifFlag = 0x08;

    public static ImageFacts Read(ImageBytes bytes)
    {
        var header = bytes.At(0, 30);
        var end = 8L + BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (end > bytes.Length)
            throw ImageFaults.CutShort();
        var chunk = header[12..16];
        var data = header[20..];
        if (chunk.SequenceEqual("VP8X"u8))
        {
            var hasExif = (data[0] & ExifFlag) != 0;
            var facts = ImageFaults.Checked(ImageFormat.WebP, 1 + UInt24(data[4..]), 1 + UInt24(data[7..]));
            return hasExif ? facts.Oriented(Orientation(bytes, end)) : facts;
        }
        if (chunk.SequenceEqual("VP8L"u8) && data[0] == 0x2F)
        {
            var packed = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
            return ImageFaults.Checked(ImageFormat.WebP, 1 + (packed & 0x3FFF), 1 + ((packed >> 14) & 0x3FFF));
        }
        if (chunk.SequenceEqual("VP8 "u8) && data[3..6].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
            // The two upper bits are a scale for display, not part of the size.
            return ImageFaults.Checked(ImageFormat.WebP,
                BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3FFF);
        throw ImageFaults.Damaged();
    }

    private static int Orientation(ImageBytes bytes, long end)
    {
        for (var at = 12L; end - at >= 8;)
        {
            var head = bytes.At(at, 8);
            long length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            if (head.StartsWith("EXIF"u8))
                return ExifOrientation.Read(bytes, at + 8, at + 8 + length);
            // Chunks begin at even offsets.
            at += 8 + length + (length & 1);
        }
        return 0;
    }

    private static int UInt24(ReadOnlySpan<byte> data) => data[0] | (data[1] << 8) | (data[2] << 16);
}
