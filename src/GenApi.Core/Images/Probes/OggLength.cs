using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Probes;

/// <summary>
/// Reads the length of an Ogg stream (RFC 3533) from the position of its last page, in the unit that its first page names: Opus, Vorbis,
/// FLAC, Speex or Theora, which also states its size.
/// </summary>
internal static class OggLength
{
    /// <summary>A page has at most 65,307 bytes, so the last one begins within these.</summary>
    private const int TailLength = 64 << 10;

    private const int PageHead = 27, FewestBytes = 32, MostBytes = 44, TheoraHead = 42, OpusRate = 48_000;
    private const long NoPosition = -1;

    public static FileFacts Measure(ImageBytes bytes, FileFacts facts)
    {
        var head = bytes.At(0, PageHead);
        var (serial, segments) = (ReadUInt32LittleEndian(head[14..]), head[26]);
        var at = PageHead + segments;
        // Copied: the search for the last page moves the window.
        ReadOnlySpan<byte> packet = bytes.At(at, (int)Math.Clamp(bytes.Length - at, FewestBytes, MostBytes)).ToArray();
        if (LastPosition(bytes, serial) is not { } position)
            return facts;
        if (packet.StartsWith("OpusHead"u8))
            return facts.Lasting((position - ReadUInt16LittleEndian(packet[10..])) / (double)OpusRate);
        if (packet.StartsWith("\u0001vorbis"u8))
            return facts.Lasting(position / (double)ReadUInt32LittleEndian(packet[12..]));
        if (packet.StartsWith("\u007FFLAC"u8))
            return facts.Lasting(position / (double)(ReadUInt32BigEndian(packet[27..]) >> 12));
        if (packet.StartsWith("Speex   "u8) && packet.Length >= 40)
            return facts.Lasting(position / (double)ReadUInt32LittleEndian(packet[36..]));
        return packet.StartsWith((ReadOnlySpan<byte>)[0x80, .. "theora"u8]) && packet.Length >= TheoraHead
            ? Theora(packet, position, facts)
            : facts;
    }

    private static FileFacts Theora(ReadOnlySpan<byte> packet, long position, FileFacts facts)
    {
        // The position counts key frames in its upper bits and frames since the last one in the lower.
        var shift = (ReadUInt16BigEndian(packet[40..]) >> 5) & 0x1F;
        var frames = (position >> shift) + (position & ((1L << shift) - 1));
        return facts.Sized(ReadUInt32BigEndian(packet[13..]) & 0xFFFFFF, ReadUInt32BigEndian(packet[16..]) & 0xFFFFFF)
            .Lasting(frames * (double)ReadUInt32BigEndian(packet[26..]) / ReadUInt32BigEndian(packet[22..]));
    }

    /// <summary>Finds the position of the last page of a stream on which a packet ends.</summary>
    private static long? LastPosition(ImageBytes bytes, uint serial)
    {
        var count = (int)Math.Min(bytes.Length, TailLength);
        var tail = bytes.At(bytes.Length - count, count);
        for (var at = tail.LastIndexOf("OggS"u8); at >= 0; at = tail[..at].LastIndexOf("OggS"u8))
        {
            if (tail.Length - at >= PageHead && tail[at + 4] == 0 && ReadUInt32LittleEndian(tail[(at + 14)..]) == serial
                && ReadInt64LittleEndian(tail[(at + 6)..]) is not NoPosition and var position)
                return position;
        }
        return null;
    }
}
