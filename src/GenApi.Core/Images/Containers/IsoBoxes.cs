using System.Text;
using GenApi.Core.Errors;
using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Containers;

/// <summary>A box of the ISO base media format.</summary>
/// <param name="Type">Four Latin-1 characters, such as <c>meta</c>.</param>
/// <param name="Start">Where the box begins in the bytes it was read from.</param>
/// <param name="Data">The content, without size and type.</param>
/// <param name="Raw">The whole box.</param>
public readonly record struct IsoBox(string Type, int Start, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Raw)
{
    public int End => Start + Raw.Length;
}

/// <summary>Reads and makes boxes of the ISO base media format (ISO/IEC 14496-12), which AVIF is made of.</summary>
public static class IsoBoxes
{
    internal const string Format = "AVIF";

    // Real files have some dozens.
    private const int MostBoxes = 10_000;

    /// <summary>Says whether the file is an AVIF: its first box has one of the brands.</summary>
    public static bool AreAvif(ReadOnlySpan<byte> image)
    {
        if (image.Length < 16 || !image[4..].StartsWith("ftyp"u8))
            return false;
        // The major brand, four bytes of version, then the compatible brands.
        var brands = image[8..(int)Math.Clamp(ReadUInt32BigEndian(image), 8, (uint)image.Length)];
        for (var at = 0; brands.Length - at >= 4; at += at == 0 ? 8 : 4)
        {
            if (brands[at..].StartsWith("avif"u8) || brands[at..].StartsWith("avis"u8))
                return true;
        }
        return false;
    }

    /// <summary>Reads the boxes that fill these bytes, not what is inside them.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.ImageNotConvertible"/>: a box ends outside, or before it begins.</exception>
    public static IReadOnlyList<IsoBox> Read(ReadOnlyMemory<byte> bytes)
    {
        var boxes = new List<IsoBox>();
        for (var at = 0; at < bytes.Length;)
        {
            if (bytes.Length - at < 8 || boxes.Count == MostBoxes)
                throw ContainerFaults.Damaged(Format);
            long size = ReadUInt32BigEndian(bytes.Span[at..]);
            var header = 8;
            if (size == 1)
            {
                if (bytes.Length - at < 16)
                    throw ContainerFaults.Damaged(Format);
                size = (long)Math.Min(ReadUInt64BigEndian(bytes.Span[(at + 8)..]), long.MaxValue);
                header = 16;
            }
            else if (size == 0)
                size = bytes.Length - at;
            if (size < header || size > bytes.Length - at)
                throw ContainerFaults.Damaged(Format);
            var raw = bytes.Slice(at, (int)size);
            boxes.Add(new IsoBox(Encoding.Latin1.GetString(raw.Span[4..8]), at, raw[header..], raw));
            at += (int)size;
        }
        return boxes;
    }

    /// <summary>Returns the first box of a type; null if there is none.</summary>
    internal static IsoBox? Find(this IReadOnlyList<IsoBox> boxes, string type)
    {
        foreach (var box in boxes)
        {
            if (box.Type == type)
                return box;
        }
        return null;
    }

    /// <summary>Makes a box.</summary>
    internal static byte[] Make(string type, ReadOnlySpan<byte> data)
    {
        var raw = new byte[8 + data.Length];
        WriteInt32BigEndian(raw, raw.Length);
        Encoding.Latin1.GetBytes(type, raw.AsSpan(4));
        data.CopyTo(raw.AsSpan(8));
        return raw;
    }
}

/// <summary>Reads numbers of any width, in order, from a box whose versions differ in their widths.</summary>
internal ref struct IsoNumbers(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public uint UInt16() => (uint)Next(2);

    public uint UInt32() => (uint)Next(4);

    /// <param name="width">0 to 8 bytes; nothing is 0.</param>
    public ulong Next(int width)
    {
        if (_rest.Length < width)
            throw ContainerFaults.Damaged(IsoBoxes.Format);
        ulong value = 0;
        foreach (var each in _rest[..width])
            value = (value << 8) | each;
        _rest = _rest[width..];
        return value;
    }

    /// <summary>Reads a type of four letters.</summary>
    public string Letters()
    {
        var letters = _rest;
        Next(4);
        return Encoding.Latin1.GetString(letters[..4]);
    }

    /// <summary>Reads Latin-1 up to NUL.</summary>
    public string Text()
    {
        var end = _rest.IndexOf((byte)0);
        if (end < 0)
            end = _rest.Length;
        var text = Encoding.Latin1.GetString(_rest[..end]);
        _rest = _rest[Math.Min(end + 1, _rest.Length)..];
        return text;
    }
}
