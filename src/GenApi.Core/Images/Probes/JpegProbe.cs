using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads JPEG (ITU-T T.81) from marker to marker up to the end of the image. The size is in a frame header that may follow megabytes of
/// metadata. Data after the end marker (previews, a phone's extras) is ignored.
/// </summary>
internal static class JpegProbe
{
    private const byte EndOfImage = 0xD9, StartOfScan = 0xDA, Exif = 0xE1, Temporary = 0x01;

    public static ReadOnlySpan<byte> Magic => [0xFF, 0xD8, 0xFF];

    public static ImageFacts Read(ImageBytes bytes)
    {
        ImageFacts? facts = null;
        var (hasScan, orientation) = (false, 0);
        for (long at = 2; ;)
        {
            var marker = bytes.At(at, 2);
            var code = marker[1];
            if (marker[0] != 0xFF)
                throw ImageFaults.Damaged();
            if (code == 0xFF)
            {
                at++;
                continue;
            }
            if (code == EndOfImage)
                return hasScan && facts is { } whole ? whole.Oriented(orientation) : throw ImageFaults.Damaged();
            at += 2;
            if (code == Temporary || IsRestart(code))
                continue;
            var length = ReadUInt16BigEndian(bytes.At(at, 2));
            if (length < 2)
                throw ImageFaults.Damaged();
            if (IsFrame(code))
            {
                var frame = bytes.At(at, 7);
                facts = ImageFaults.Checked(ImageFormat.Jpeg, ReadUInt16BigEndian(frame[5..]), ReadUInt16BigEndian(frame[3..]));
            }
            // The first frame header counts; a truncated one is noticed at the next marker.
            if (code == Exif && orientation == 0 && bytes.StartsWith("Exif\0\0"u8, at + 2))
                orientation = ExifOrientation.Read(bytes, at + 2, at + length);
            at += length;
            if (code == StartOfScan)
            {
                hasScan = true;
                at = EndOfScan(bytes, at);
            }
        }
    }

    private static bool IsRestart(byte code) => code is >= 0xD0 and <= 0xD7;

    // C4, C8 and CC lie among the frame headers but are tables.
    private static bool IsFrame(byte code) => code is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    /// <summary>Finds the next marker after compressed data, which may contain FF 00 and restart markers.</summary>
    private static long EndOfScan(ImageBytes bytes, long at)
    {
        while (true)
        {
            var piece = bytes.From(at, 2);
            var mark = piece.IndexOf((byte)0xFF);
            if (mark < 0)
                at += piece.Length;
            else if (mark == piece.Length - 1)
                at += mark;
            else if (piece[mark + 1] == 0 || IsRestart(piece[mark + 1]))
                at += mark + 2;
            else
                return at + mark;
        }
    }
}
