using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using GenApi.Core.Images.Containers;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>
/// The lowest bits of a PNG with eight bits per channel. Rows are decoded one after the other, and only these bits are kept: one byte per
/// pixel would be too much for a large picture.
/// </summary>
internal sealed class LowestBits
{
    /// <summary>A picture of 4,096 × 4,096 pixels; these tools make smaller ones.</summary>
    private const int MostPixels = 1 << 24;

    private const byte Rgb = 2, Rgba = 6;

    private readonly int _width, _height, _channels;
    private readonly byte[] _nibbles;

    private LowestBits(int width, int height, int channels) =>
        (_width, _height, _channels, _nibbles) = (width, height, channels, new byte[(width * height + 1) / 2]);

    /// <returns>Null for a picture of another form: with a palette, grey, interlaced, 16 bits, or too large.</returns>
    /// <exception cref="InvalidDataException">The pixels are damaged.</exception>
    public static LowestBits? Read(IReadOnlyList<PngChunk> chunks)
    {
        var header = chunks[0].Data.Span;
        if (header.Length < 13 || header[8] != 8 || header[9] is not (Rgb or Rgba) || header[12] != 0)
            return null;
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        if (width is 0 || height is 0 || (ulong)width * height > MostPixels)
            return null;
        var bits = new LowestBits((int)width, (int)height, header[9] == Rgba ? 4 : 3);
        bits.Decode(chunks);
        return bits;
    }

    /// <summary>Returns bytes made of one bit of each pixel (alpha) or three (colours), column by column.</summary>
    /// <param name="isInAlpha">Which of the two.</param>
    /// <param name="from">The first byte.</param>
    /// <param name="count">How many; bytes behind the last pixel are zero.</param>
    public byte[] Bytes(bool isInAlpha, int from, int count)
    {
        var bytes = new byte[count];
        if (isInAlpha && _channels < 4)
            return bytes;
        var perPixel = isInAlpha ? 1 : 3;
        for (var bit = 0L; bit < count * 8L; bit++)
        {
            var at = from * 8L + bit;
            var pixel = at / perPixel;
            if (pixel >= (long)_width * _height)
                break;
            var (x, y) = ((int)(pixel / _height), (int)(pixel % _height));
            var channel = isInAlpha ? 3 : (int)(at % perPixel);
            var position = y * _width + x;
            var nibble = _nibbles[position >> 1] >> ((position & 1) * 4);
            bytes[bit >> 3] |= (byte)(((nibble >> channel) & 1) << (7 - (int)(bit & 7)));
        }
        return bytes;
    }

    private void Decode(IReadOnlyList<PngChunk> chunks)
    {
        using var packed = new MemoryStream();
        foreach (var chunk in chunks.Where(chunk => chunk.Type == "IDAT"))
            packed.Write(chunk.Data.Span);
        packed.Position = 0;
        using var pixels = new ZLibStream(packed, CompressionMode.Decompress);
        var length = _width * _channels;
        var (row, above) = (ArrayPool<byte>.Shared.Rent(length + 1), ArrayPool<byte>.Shared.Rent(length + 1));
        try
        {
            above.AsSpan(0, length + 1).Clear();
            for (var y = 0; y < _height; y++)
            {
                if (pixels.ReadAtLeast(row.AsSpan(0, length + 1), length + 1, throwOnEndOfStream: false) < length + 1)
                    return;
                Restore(row[0], row.AsSpan(1, length), above.AsSpan(1, length));
                Keep(y, row.AsSpan(1, length));
                (row, above) = (above, row);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(row);
            ArrayPool<byte>.Shared.Return(above);
        }
    }

    /// <summary>Undoes the filter of a row (ISO/IEC 15948, 9).</summary>
    private void Restore(byte filter, Span<byte> row, ReadOnlySpan<byte> above)
    {
        for (var at = 0; at < row.Length; at++)
        {
            var left = at >= _channels ? row[at - _channels] : 0;
            var corner = at >= _channels ? above[at - _channels] : 0;
            row[at] += (byte)(filter switch
            {
                1 => left,
                2 => above[at],
                3 => (left + above[at]) / 2,
                4 => Paeth(left, above[at], corner),
                _ => 0,
            });
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        var guess = left + above - corner;
        var (toLeft, toAbove, toCorner) = (Math.Abs(guess - left), Math.Abs(guess - above), Math.Abs(guess - corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private void Keep(int y, ReadOnlySpan<byte> row)
    {
        for (var x = 0; x < _width; x++)
        {
            var nibble = 0;
            for (var channel = 0; channel < _channels; channel++)
                nibble |= (row[x * _channels + channel] & 1) << channel;
            var position = y * _width + x;
            _nibbles[position >> 1] |= (byte)(nibble << ((position & 1) * 4));
        }
    }
}
