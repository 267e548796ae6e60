using System.Buffers.Binary;

namespace GenApi.Core.Images.Probes;

/// <summary>The header of a frame of MP3 (MPEG audio, layer III) or AAC (ADTS).</summary>
/// <param name="Length">The length of the frame in bytes, with its header.</param>
/// <param name="BitRate">In kbit/s; 0 for AAC.</param>
/// <param name="SampleRate">Per second; 0 for AAC.</param>
/// <param name="IsVersion1">Whether it is MPEG-1: 1,152 samples per frame, otherwise 576.</param>
/// <param name="IsMono">Whether it has one channel.</param>
/// <param name="IsAac">Whether it is AAC.</param>
internal readonly record struct MpegFrame(int Length, int BitRate, int SampleRate, bool IsVersion1, bool IsMono, bool IsAac)
{
    /// <summary>The number of bytes that <see cref="Find"/> needs.</summary>
    public const int HeadLength = 8;

    public int Samples => IsVersion1 ? 1152 : 576;

    /// <summary>The offset of a Xing header from the start of the frame: behind the side information.</summary>
    public int XingAt => 4 + (IsVersion1, IsMono) switch
    {
        (true, false) => 32,
        (true, true) or (false, false) => 17,
        (false, true) => 9,
    };

    /// <returns>Null if the bytes are no such header.</returns>
    public static MpegFrame? Find(ReadOnlySpan<byte> head)
    {
        if (head[0] != 0xFF || (head[1] & 0xE0) != 0xE0)
            return null;
        // ADTS has layer 0 and twelve bits of sync.
        if ((head[1] & 0xF6) == 0xF0)
        {
            return (((head[3] & 3) << 11) | (head[4] << 3) | (head[5] >> 5)) is >= 7 and var adts
                ? new(adts, 0, 0, false, false, IsAac: true)
                : null;
        }
        var (isVersion1, layer) = ((head[1] & 0x18) == 0x18, (head[1] >> 1) & 3);
        var (rate, frequency) = (head[2] >> 4, (head[2] >> 2) & 3);
        if (layer != 1 || rate is 0 or 15 || frequency == 3 || (head[1] & 0x18) == 0x08)
            return null;
        ReadOnlySpan<int> rates = isVersion1
            ? [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
            : [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
        ReadOnlySpan<int> frequencies = [44_100, 48_000, 32_000];
        var samples = frequencies[frequency] / (isVersion1 ? 1 : (head[1] & 0x18) == 0x10 ? 2 : 4);
        var length = (isVersion1 ? 144_000 : 72_000) * rates[rate - 1] / samples + ((head[2] >> 1) & 1);
        return new(length, rates[rate - 1], samples, isVersion1, (head[3] >> 6) == 3, IsAac: false);
    }
}

/// <summary>The ID3v2 tag at the start of a sound.</summary>
internal static class Id3Tag
{
    private const int HeadLength = 10, HasFooter = 0x10;

    /// <summary>Returns where the tag should end, which may be behind the end of the file; 0 if there is none.</summary>
    public static long EndOf(ImageBytes bytes)
    {
        if (!bytes.StartsWith("ID3"u8) || bytes.Length < 4 || bytes.At(3, 1)[0] is < 2 or > 4)
            return 0;
        if (bytes.Length < HeadLength)
            return HeadLength;
        var head = bytes.At(0, HeadLength);
        // The size is written seven bits a byte.
        var size = BinaryPrimitives.ReadUInt32BigEndian(head[6..]);
        var length = (size & 0x7F) | ((size & 0x7F00) >> 1) | ((size & 0x7F0000) >> 2) | ((size & 0x7F000000) >> 3);
        return HeadLength + length + ((head[5] & HasFooter) == 0 ? 0 : HeadLength);
    }
}
