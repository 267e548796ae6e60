using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace GenApi.Bench.Rivals;

/// <summary>
/// A valid PNG of exactly the requested size: black, padded by a private chunk of random bytes. A second private chunk holds its name, so
/// that no two are stored as one.
/// </summary>
internal sealed class PaddedPng
{
    private const int Pixels = 1024;
    private const int NameBytes = 32;
    private const int ChunkOverhead = 12;

    private static readonly uint[] CrcTable =
    [
        .. Enumerable.Range(0, 256).Select(
            n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1)),
    ];

    private readonly byte[] _head;
    private readonly byte[] _tail;

    public PaddedPng(int bytes)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Pixels);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Pixels);
        header[8] = 8;
        _head = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, .. Chunk("IHDR", header)];
        byte[] end = [.. Chunk("IDAT", Black()), .. Chunk("IEND", [])];
        var padding = new byte[bytes - _head.Length - end.Length - 2 * ChunkOverhead - NameBytes];
        RandomNumberGenerator.Fill(padding);
        _tail = [.. Chunk("gaPd", padding), .. end];
        Length = _head.Length + NameBytes + ChunkOverhead + _tail.Length;
    }

    public int Length { get; }

    public IEnumerable<ReadOnlyMemory<byte>> Pieces(string name)
    {
        yield return _head;
        yield return Chunk("gaNm", SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        yield return _tail;
    }

    /// <summary>Eight-bit grey: each row has a filter byte and its pixels.</summary>
    private static byte[] Black()
    {
        using var buffer = new MemoryStream();
        using (var zlib = new ZLibStream(buffer, CompressionLevel.Optimal))
            zlib.Write(new byte[Pixels * (Pixels + 1)]);
        return buffer.ToArray();
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        var chunk = new byte[data.Length + ChunkOverhead];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        var crc = 0xFFFFFFFF;
        foreach (var each in chunk.AsSpan(4, data.Length + 4))
            crc = CrcTable[(byte)(crc ^ each)] ^ (crc >> 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), ~crc);
        return chunk;
    }
}
