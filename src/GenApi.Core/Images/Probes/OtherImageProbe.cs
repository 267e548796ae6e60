using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Recognises images that models return but do not accept, by their magic. It reads the size where the header shows it cheaply.
/// </summary>
internal static class OtherImageProbe
{
    private const ushort TiffWidth = 256, TiffHeight = 257, TiffOrientation = 274;
    private const int TiffEntries = 1000, IconEntry = 16;

    /// <returns>Null for anything else.</returns>
    public static FileFacts? Find(ImageBytes bytes)
    {
        if (bytes.StartsWith([0xFF, 0x0A])
            || bytes.StartsWith([0, 0, 0, 0x0C, (byte)'J', (byte)'X', (byte)'L', (byte)' ', 0x0D, 0x0A, 0x87, 0x0A]))
        {
            return JxlProbe.Read(bytes);
        }
        if (bytes.StartsWith([0, 0, 0, 0x0C, (byte)'j', (byte)'P', (byte)' ', (byte)' ', 0x0D, 0x0A, 0x87, 0x0A]))
            return Jpeg2000(bytes);
        if (bytes.StartsWith([0xFF, 0x4F, 0xFF, 0x51]))
            return Jpeg2000Stream(bytes);
        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8))
            return Tiff(bytes);
        if (bytes.StartsWith("II+\0"u8) || bytes.StartsWith("MM\0+"u8))
            return FileFacts.Of(ImageFormat.Tiff);
        if ((bytes.StartsWith([0, 0, 1, 0]) || bytes.StartsWith([0, 0, 2, 0])) && Icon(bytes) is { } icon)
            return icon;
        if (bytes.StartsWith("8BPS\0"u8) && bytes.Length >= 26)
            return FileFacts.Of(ImageFormat.Psd, ReadUInt32BigEndian(bytes.At(18, 4)), ReadUInt32BigEndian(bytes.At(14, 4)));
        if (bytes.StartsWith("qoif"u8) && bytes.Length >= 14)
            return FileFacts.Of(ImageFormat.Qoi, ReadUInt32BigEndian(bytes.At(4, 4)), ReadUInt32BigEndian(bytes.At(8, 4)));
        if (bytes.StartsWith([0x76, 0x2F, 0x31, 0x01]))
            return FileFacts.Of(ImageFormat.Exr);
        return bytes.StartsWith("#?RADIANCE\n"u8) || bytes.StartsWith("#?RGBE\n"u8) ? FileFacts.Of(ImageFormat.Hdr) : null;
    }

    /// <summary>Reads JPEG 2000 (ISO/IEC 15444-1): the image header is the first box of the box of headers.</summary>
    private static FileFacts Jpeg2000(ImageBytes bytes)
    {
        for (var at = 12L; at < bytes.Length;)
        {
            var box = IsoBox.Read(bytes, at, bytes.Length);
            if (box.Is("jp2h"u8))
            {
                var header = IsoBox.Read(bytes, box.Body, box.End);
                return header.Is("ihdr"u8) && header.End - header.Body >= 8
                    ? FileFacts.Of(
                        ImageFormat.Jpeg2000,
                        ReadUInt32BigEndian(bytes.At(header.Body + 4, 4)), ReadUInt32BigEndian(bytes.At(header.Body, 4)))
                    : FileFacts.Of(ImageFormat.Jpeg2000);
            }
            at = box.End;
        }
        return FileFacts.Of(ImageFormat.Jpeg2000);
    }

    private static FileFacts Jpeg2000Stream(ImageBytes bytes)
    {
        var size = bytes.At(8, 16);
        return FileFacts.Of(
            ImageFormat.Jpeg2000Stream,
            (long)ReadUInt32BigEndian(size) - ReadUInt32BigEndian(size[8..]),
            (long)ReadUInt32BigEndian(size[4..]) - ReadUInt32BigEndian(size[12..]));
    }

    /// <summary>Reads the first directory; its entries are numbers of 16 or 32 bits.</summary>
    private static FileFacts Tiff(ImageBytes bytes)
    {
        var isBig = bytes.StartsWith("MM"u8);
        long at = UInt32(bytes.At(4, 4), isBig);
        var (width, height, orientation) = (0L, 0L, 0L);
        for (var left = Math.Min((int)UInt16(bytes.At(at, 2), isBig), TiffEntries); left > 0; left--)
        {
            var entry = bytes.At(at + 2, 12);
            long value = UInt16(entry[2..], isBig) == 3 ? UInt16(entry[8..], isBig) : UInt32(entry[8..], isBig);
            switch (UInt16(entry, isBig))
            {
                case TiffWidth: width = value; break;
                case TiffHeight: height = value; break;
                case TiffOrientation: orientation = value; break;
            }
            at += 12;
        }
        return orientation is >= 5 and <= 8 ? FileFacts.Of(ImageFormat.Tiff, height, width) : FileFacts.Of(ImageFormat.Tiff, width, height);
    }

    /// <summary>Reads the largest image of an icon. The magic is weak, so the list of images must fit the file.</summary>
    private static FileFacts? Icon(ImageBytes bytes)
    {
        var count = bytes.Length >= 6 ? ReadUInt16LittleEndian(bytes.At(4, 2)) : 0;
        if (count == 0 || bytes.Length < 6 + count * IconEntry)
            return null;
        var (width, height) = (0, 0);
        for (var each = 0; each < count; each++)
        {
            var entry = bytes.At(6 + each * IconEntry, IconEntry);
            long length = ReadUInt32LittleEndian(entry[8..]), start = ReadUInt32LittleEndian(entry[12..]);
            if (length == 0 || start < 6 + count * IconEntry)
                return null;
            if (start + length > bytes.Length)
                throw ImageFaults.CutShort();
            // One byte each; 0 stands for 256.
            var (wide, high) = ((byte)(entry[0] - 1) + 1, (byte)(entry[1] - 1) + 1);
            if (wide * high > width * height)
                (width, height) = (wide, high);
        }
        return FileFacts.Of(ImageFormat.Icon, width, height);
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, bool isBig) =>
        isBig ? ReadUInt16BigEndian(bytes) : ReadUInt16LittleEndian(bytes);

    private static uint UInt32(ReadOnlySpan<byte> bytes, bool isBig) => isBig ? ReadUInt32BigEndian(bytes) : ReadUInt32LittleEndian(bytes);
}
