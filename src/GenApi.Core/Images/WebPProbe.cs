using System.Buffers.Binary;

namespace GenApi.Core.Images;

/// <summary>WebP (RFC 9649): one RIFF file that tells its own length; the first chunk tells the size.</summary>
internal static class WebPProbe
{
    public static ImageFacts Read(ImageBytes bytes)
    {
        var header = bytes.At(0, 30);
        if (8L + BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) > bytes.Length)
            throw ImageFaults.CutShort();
        var chunk = header[12..16];
        var data = header[20..];
        if (chunk.SequenceEqual("VP8X"u8))
            return ImageFaults.Checked(ImageFormat.WebP, 1 + UInt24(data[4..]), 1 + UInt24(data[7..]));
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

    private static int UInt24(ReadOnlySpan<byte> data) => data[0] | (data[1] << 8) | (data[2] << 16);
}
