using System.IO.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads PNG (ISO/IEC 15948) chunk by chunk up to IEND and verifies the checksums of the critical chunks. Data after IEND is ignored: some
/// tools append their own.
/// </summary>
internal static class PngProbe
{
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static ImageFacts Read(ImageBytes bytes)
    {
        ImageFacts? facts = null;
        var (hasPixels, orientation) = (false, 0);
        for (long at = Magic.Length; ;)
        {
            var header = bytes.At(at, 8);
            long length = ReadUInt32BigEndian(header);
            var isHeader = header[4..].SequenceEqual("IHDR"u8);
            var isPixels = header[4..].SequenceEqual("IDAT"u8);
            var isEnd = header[4..].SequenceEqual("IEND"u8);
            var isExif = header[4..].SequenceEqual("eXIf"u8);
            var isCritical = (header[4] & 0x20) == 0;
            if (isExif && orientation == 0)
                orientation = ExifOrientation.Read(bytes, at + 8, at + 8 + length);
            if (facts is null != isHeader || (isHeader && length != 13))
                throw ImageFaults.Damaged();
            if (isCritical)
                VerifyChecksum(bytes, at + 4, length + 4);
            if (isHeader)
            {
                var size = bytes.At(at + 8, 8);
                facts = ImageFaults.Checked(ImageFormat.Png, ReadUInt32BigEndian(size), ReadUInt32BigEndian(size[4..]));
            }
            hasPixels |= isPixels;
            if (isEnd)
                return hasPixels ? facts!.Value.Oriented(orientation) : throw ImageFaults.Damaged();
            at += 12 + length;
        }
    }

    private static void VerifyChecksum(ImageBytes bytes, long at, long count)
    {
        var crc = new Crc32();
        for (var end = at + count; at < end;)
        {
            var piece = bytes.From(at, 1);
            piece = piece[..(int)Math.Min(piece.Length, end - at)];
            crc.Append(piece);
            at += piece.Length;
        }
        if (ReadUInt32BigEndian(bytes.At(at, 4)) != crc.GetCurrentHashAsUInt32())
            throw ImageFaults.Damaged();
    }
}
