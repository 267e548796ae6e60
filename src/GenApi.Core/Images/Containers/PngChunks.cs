using System.Buffers;
using System.IO.Hashing;
using System.Text;
using GenApi.Core.Errors;
using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Containers;

/// <summary>A chunk of a PNG.</summary>
/// <param name="Type">Four Latin-1 characters, such as <c>IDAT</c>.</param>
/// <param name="Data">The content, without length, type and checksum.</param>
/// <param name="Raw">The whole chunk as it stands in the file.</param>
public readonly record struct PngChunk(string Type, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Raw)
{
    /// <summary>Says whether the checksum is right. Decoders skip other chunks than the critical ones if it is not.</summary>
    public bool IsIntact
    {
        get
        {
            var raw = Raw.Span;
            return Crc32.HashToUInt32(raw[4..^4]) == ReadUInt32BigEndian(raw[^4..]);
        }
    }
}

/// <summary>Reads and writes the chunks of PNG (ISO/IEC 15948).</summary>
public static class PngChunks
{
    internal const string Format = "PNG";

    /// <summary>The bytes of a chunk beyond its data: length, type and checksum.</summary>
    internal const int Frame = 12;

    // Encoders write pieces of 8 kB and more, so this is half a gigabyte of pixels.
    private const int MostChunks = 65_536;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool Are(ReadOnlySpan<byte> image) => image.StartsWith(Magic);

    /// <summary>Reads all chunks, from IHDR to IEND. What follows IEND is not part of the image.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.ImageNotConvertible"/>: the file is no PNG or is damaged.</exception>
    public static IReadOnlyList<PngChunk> Read(ReadOnlyMemory<byte> png)
    {
        if (!Are(png.Span))
            throw ContainerFaults.Damaged(Format);
        var chunks = new List<PngChunk>();
        var hasPixels = false;
        for (var at = Magic.Length; chunks.Count < MostChunks;)
        {
            if (png.Length - at < Frame || ReadUInt32BigEndian(png.Span[at..]) is var length && length > png.Length - at - Frame)
                throw ContainerFaults.Damaged(Format);
            var raw = png.Slice(at, Frame + (int)length);
            var type = Encoding.Latin1.GetString(raw.Span[4..8]);
            var chunk = new PngChunk(type, raw[8..^4], raw);
            var isCritical = char.IsAsciiLetterUpper(type[0]);
            if ((chunks.Count == 0) != (type == "IHDR") || (isCritical && !chunk.IsIntact))
                throw ContainerFaults.Damaged(Format);
            chunks.Add(chunk);
            hasPixels |= type == "IDAT";
            if (type == "IEND")
                return hasPixels ? chunks : throw ContainerFaults.Damaged(Format);
            at += raw.Length;
        }
        throw ContainerFaults.Damaged(Format);
    }

    /// <summary>Makes a chunk with its checksum.</summary>
    /// <param name="type">Four ASCII letters.</param>
    /// <param name="data">The content.</param>
    public static PngChunk Make(string type, ReadOnlySpan<byte> data)
    {
        var raw = new byte[Frame + data.Length];
        WriteUInt32BigEndian(raw, (uint)data.Length);
        Encoding.Latin1.GetBytes(type, raw.AsSpan(4));
        data.CopyTo(raw.AsSpan(8));
        WriteUInt32BigEndian(raw.AsSpan(raw.Length - 4), Crc32.HashToUInt32(raw.AsSpan(4, data.Length + 4)));
        return new PngChunk(type, raw.AsMemory(8, data.Length), raw);
    }

    /// <summary>Writes a file of chunks as they are, each with its own checksum.</summary>
    /// <param name="chunks">All chunks, from IHDR to IEND.</param>
    /// <param name="tail">What follows IEND.</param>
    public static byte[] Write(IReadOnlyCollection<PngChunk> chunks, ReadOnlyMemory<byte> tail)
    {
        var output = new ArrayBufferWriter<byte>(Magic.Length + chunks.Sum(chunk => chunk.Raw.Length) + tail.Length);
        output.Write(Magic);
        foreach (var chunk in chunks)
            output.Write(chunk.Raw.Span);
        output.Write(tail.Span);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Returns what follows the last of these chunks in their file.</summary>
    internal static ReadOnlyMemory<byte> Tail(ReadOnlyMemory<byte> png, IReadOnlyList<PngChunk> chunks) =>
        png[(Magic.Length + chunks.Sum(chunk => chunk.Raw.Length))..];
}
