using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Probes;

/// <summary>Reads Windows bitmaps. The magic is only two letters, so the length of the second header must be a known one.</summary>
internal static class BmpProbe
{
    /// <returns>Null for anything else, such as a text that begins with the same letters.</returns>
    public static ImageFacts? Find(ImageBytes bytes)
    {
        if (bytes.Length < 26)
            return null;
        var header = bytes.At(0, 26);
        var isOld = header[14] == 12;
        if (ReadUInt32LittleEndian(header[14..]) is not (12 or 40 or 52 or 56 or 64 or 108 or 124))
            return null;
        // Some writers leave the length 0.
        if (ReadUInt32LittleEndian(header[2..]) > bytes.Length)
            throw ImageFaults.CutShort();
        return isOld
            ? ImageFaults.Checked(ImageFormat.Bmp, ReadUInt16LittleEndian(header[18..]), ReadUInt16LittleEndian(header[20..]))
            // A negative height means that the rows are stored from top to bottom.
            : ImageFaults.Checked(
                ImageFormat.Bmp, ReadInt32LittleEndian(header[18..]), Math.Abs((long)ReadInt32LittleEndian(header[22..])));
    }
}
