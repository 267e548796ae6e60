using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Probes;

/// <summary>Reads the length of FLAC (RFC 9639) from the stream information, which is always its first block.</summary>
internal static class FlacLength
{
    private const int RateAt = 4 + 4 + 10;

    public static FileFacts Measure(ImageBytes bytes, FileFacts facts)
    {
        // 20 bits of rate, 3 of channels, 5 of sample size, 36 of the number of samples.
        var packed = ReadUInt64BigEndian(bytes.At(Id3Tag.EndOf(bytes) + RateAt, 8));
        return facts.Lasting((packed & 0xF_FFFF_FFFF) / (double)(packed >> 44));
    }
}
