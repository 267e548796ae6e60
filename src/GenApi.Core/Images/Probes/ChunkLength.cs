using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Probes;

/// <summary>Reads the length of sounds and videos made of chunks: WAV and AVI (RIFF), AIFF.</summary>
internal static class ChunkLength
{
    private const int MostChunks = 200;
    private const int FirstChunk = 12, ChunkHead = 8;
    private const double MicrosecondsPerSecond = 1e6;

    /// <summary>A sound that was streamed states no size: its data reaches to the end of the file.</summary>
    public static FileFacts Wave(ImageBytes bytes, FileFacts facts)
    {
        uint bytesPerSecond = 0;
        ulong longSize = 0;
        foreach (var (at, size) in Chunks(bytes, isBigEndian: false))
        {
            if (bytes.StartsWith("fmt "u8, at) && size >= 16)
                bytesPerSecond = ReadUInt32LittleEndian(bytes.At(at + ChunkHead + 8, 4));
            else if (bytes.StartsWith("ds64"u8, at) && size >= 16)
                longSize = ReadUInt64LittleEndian(bytes.At(at + ChunkHead + 8, 8));
            else if (bytes.StartsWith("data"u8, at))
            {
                var rest = (ulong)(bytes.Length - at - ChunkHead);
                var stated = size == uint.MaxValue && longSize > 0 ? longSize : size;
                return facts.Lasting((stated == 0 ? rest : Math.Min(stated, rest)) / (double)bytesPerSecond);
            }
        }
        return facts;
    }

    public static FileFacts Avi(ImageBytes bytes, FileFacts facts)
    {
        // The main header is the first chunk of the first list.
        const int headerAt = FirstChunk + ChunkHead + 4;
        if (!bytes.StartsWith("LIST"u8, FirstChunk) || !bytes.StartsWith("avih"u8, headerAt))
            return facts;
        var header = bytes.At(headerAt + ChunkHead, 40);
        return facts.Lasting(ReadUInt32LittleEndian(header) * (double)ReadUInt32LittleEndian(header[16..]) / MicrosecondsPerSecond)
            .Sized(ReadUInt32LittleEndian(header[32..]), ReadUInt32LittleEndian(header[36..]));
    }

    public static FileFacts Aiff(ImageBytes bytes, FileFacts facts)
    {
        foreach (var (at, size) in Chunks(bytes, isBigEndian: true))
        {
            if (!bytes.StartsWith("COMM"u8, at) || size < 18)
                continue;
            var common = bytes.At(at + ChunkHead, 18);
            // The rate is a float of 80 bits: an exponent, then a mantissa without a hidden one.
            var rate = ReadUInt64BigEndian(common[10..]) * Math.Pow(2, (ReadUInt16BigEndian(common[8..]) & 0x7FFF) - 16_383 - 63);
            return facts.Lasting(ReadUInt32BigEndian(common[2..]) / rate);
        }
        return facts;
    }

    private static IEnumerable<(long At, uint Size)> Chunks(ImageBytes bytes, bool isBigEndian)
    {
        long at = FirstChunk;
        for (var count = 0; count < MostChunks && at <= bytes.Length - ChunkHead; count++)
        {
            var size = isBigEndian ? ReadUInt32BigEndian(bytes.At(at + 4, 4)) : ReadUInt32LittleEndian(bytes.At(at + 4, 4));
            yield return (at, size);
            // A chunk of odd length is padded.
            at += ChunkHead + size + (size & 1);
        }
    }
}
