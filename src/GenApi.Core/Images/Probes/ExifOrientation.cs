using System.Buffers.Binary;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads the orientation from Exif: tag 0x0112 in the first directory of a TIFF structure. Anything unreadable counts as upright.
/// </summary>
internal static class ExifOrientation
{
    private const ushort Tag = 0x0112, Short = 3;
    private const int Upright = 1, EntryLength = 12;

    /// <summary>Further entries are ignored: real directories have some dozens.</summary>
    private const int MostEntries = 1000;

    /// <param name="bytes">The file.</param>
    /// <param name="start">Where the TIFF structure begins, or the six bytes <c>Exif\0\0</c> before it.</param>
    /// <param name="end">The latest end of the structure.</param>
    /// <returns>1 to 8; 1 is upright.</returns>
    public static int Read(ImageBytes bytes, long start, long end)
    {
        end = Math.Min(end, bytes.Length);
        if (end - start >= 6 && bytes.StartsWith("Exif\0\0"u8, start))
            start += 6;
        if (end - start < 8)
            return Upright;
        var head = bytes.At(start, 8);
        var isBig = head.StartsWith("MM\0*"u8);
        if (!isBig && !head.StartsWith("II*\0"u8))
            return Upright;
        var at = start + (isBig ? BinaryPrimitives.ReadUInt32BigEndian(head[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(head[4..]));
        if (end - at < 2)
            return Upright;
        var count = Math.Min(UInt16(bytes.At(at, 2), isBig), MostEntries);
        for (at += 2; count > 0 && end - at >= EntryLength; count--, at += EntryLength)
        {
            var entry = bytes.At(at, EntryLength);
            if (UInt16(entry, isBig) == Tag && UInt16(entry[2..], isBig) == Short)
                return UInt16(entry[8..], isBig) is >= 1 and <= 8 and var value ? value : Upright;
        }
        return Upright;
    }

    /// <summary>Applies an orientation to the size: 5 to 8 swap width and height.</summary>
    public static ImageFacts Oriented(this ImageFacts facts, int orientation) =>
        orientation is >= 5 and <= 8 ? facts with { Width = facts.Height, Height = facts.Width } : facts;

    private static int UInt16(ReadOnlySpan<byte> bytes, bool isBig) =>
        isBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
