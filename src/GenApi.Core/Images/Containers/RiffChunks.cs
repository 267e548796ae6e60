using System.Text;
using GenApi.Core.Errors;
using static System.Buffers.Binary.BinaryPrimitives;

namespace GenApi.Core.Images.Containers;

/// <summary>A chunk of a WebP.</summary>
/// <param name="Type">Four Latin-1 characters, such as <c>VP8X</c>.</param>
/// <param name="Data">The content, without header and padding.</param>
public readonly record struct RiffChunk(string Type, ReadOnlyMemory<byte> Data);

/// <summary>Reads and writes the chunks of WebP (RFC 9649), which is a RIFF file.</summary>
public static class RiffChunks
{
    internal const string Format = "WebP";

    /// <summary>Their flags in VP8X.</summary>
    private const byte ExifFlag = 0x08, XmpFlag = 0x04, AlphaFlag = 0x10, AnimationFlag = 0x02, ProfileFlag = 0x20;

    // An animation has one a frame.
    private const int MostChunks = 65_536;
    private const int HeaderLength = 12, ExtendedLength = 10;

    public static bool Are(ReadOnlySpan<byte> image) =>
        image.Length >= HeaderLength && image.StartsWith("RIFF"u8) && image[8..].StartsWith("WEBP"u8);

    /// <summary>Reads all chunks. What follows the stated length is not part of the image.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.ImageNotConvertible"/>: the file is no WebP or is damaged.</exception>
    public static IReadOnlyList<RiffChunk> Read(ReadOnlyMemory<byte> webp)
    {
        if (!Are(webp.Span) || Length(webp) > webp.Length)
            throw ContainerFaults.Damaged(Format);
        webp = webp[..(int)Length(webp)];
        var chunks = new List<RiffChunk>();
        for (var at = HeaderLength; webp.Length - at >= 8 && chunks.Count < MostChunks;)
        {
            var length = ReadUInt32LittleEndian(webp.Span[(at + 4)..]);
            if (length > webp.Length - at - 8)
                throw ContainerFaults.Damaged(Format);
            chunks.Add(new RiffChunk(Encoding.Latin1.GetString(webp.Span.Slice(at, 4)), webp.Slice(at + 8, (int)length)));
            // Chunks begin at even offsets.
            at += 8 + (int)length + (int)(length & 1);
        }
        return chunks.Count is > 0 and < MostChunks && chunks[0].Type is "VP8X" or "VP8L" or "VP8 "
            ? chunks
            : throw ContainerFaults.Damaged(Format);
    }

    /// <summary>Writes a file of these chunks.</summary>
    /// <param name="chunks">All chunks in order.</param>
    /// <param name="tail">What follows the RIFF file.</param>
    public static byte[] Write(IReadOnlyCollection<RiffChunk> chunks, ReadOnlyMemory<byte> tail)
    {
        var length = HeaderLength + chunks.Sum(chunk => 8L + chunk.Data.Length + (chunk.Data.Length & 1));
        if (length + tail.Length > Array.MaxLength)
            throw ContainerFaults.Unsupported(Format, "the file is too large");
        var output = new byte[length + tail.Length];
        "RIFF"u8.CopyTo(output);
        WriteUInt32LittleEndian(output.AsSpan(4), (uint)(length - 8));
        "WEBP"u8.CopyTo(output.AsSpan(8));
        var at = HeaderLength;
        foreach (var (type, data) in chunks)
        {
            Encoding.Latin1.GetBytes(type, output.AsSpan(at));
            WriteUInt32LittleEndian(output.AsSpan(at + 4), (uint)data.Length);
            data.Span.CopyTo(output.AsSpan(at + 8));
            at += 8 + data.Length + (data.Length & 1);
        }
        tail.Span.CopyTo(output.AsSpan(at));
        return output;
    }

    /// <summary>Returns what follows the RIFF file.</summary>
    internal static ReadOnlyMemory<byte> Tail(ReadOnlyMemory<byte> webp) => webp[(int)Length(webp)..];

    /// <summary>
    /// Returns the chunks with this Exif and XMP in place of the old, behind the pixels, and with the header VP8X that announces them. A
    /// file without that header gets one. Null: none.
    /// </summary>
    /// <param name="chunks">The chunks of a file.</param>
    /// <param name="exif">A TIFF structure. The six bytes that precede it in JPEG do not belong into WebP.</param>
    /// <param name="xmp">An XMP packet.</param>
    /// <exception cref="GenApiException"><see cref="ErrorKind.ImageNotConvertible"/>: the header of the pixels is damaged.</exception>
    internal static IReadOnlyList<RiffChunk> With(IReadOnlyList<RiffChunk> chunks, ReadOnlyMemory<byte>? exif, ReadOnlyMemory<byte>? xmp)
    {
        var header = chunks[0].Type == "VP8X" ? chunks[0].Data.ToArray() : Extended(chunks);
        if (header.Length < ExtendedLength)
            throw ContainerFaults.Damaged(Format);
        var kept = chunks.Where(chunk => chunk.Type is not ("VP8X" or "EXIF" or "XMP "));
        header[0] = (byte)((header[0] & ~(ExifFlag | XmpFlag)) | (exif is null ? 0 : ExifFlag) | (xmp is null ? 0 : XmpFlag));
        IEnumerable<RiffChunk> added =
        [
            .. exif is { } block ? [new RiffChunk("EXIF", block)] : Array.Empty<RiffChunk>(),
            .. xmp is { } packet ? [new RiffChunk("XMP ", packet)] : Array.Empty<RiffChunk>(),
        ];
        return [new RiffChunk("VP8X", header), .. kept, .. added];
    }

    private static long Length(ReadOnlyMemory<byte> webp) => 8L + ReadUInt32LittleEndian(webp.Span[4..]);

    /// <summary>Makes the header VP8X of a file that has only pixels.</summary>
    private static byte[] Extended(IReadOnlyList<RiffChunk> chunks)
    {
        var type = chunks[0].Type;
        var data = chunks[0].Data.Span;
        int width, height;
        byte flags = 0;
        if (type == "VP8L" && data.Length >= 5 && data[0] == 0x2F)
        {
            var packed = ReadUInt32LittleEndian(data[1..]);
            (width, height) = (1 + (int)(packed & 0x3FFF), 1 + (int)((packed >> 14) & 0x3FFF));
            flags |= (packed & 0x1000_0000) != 0 ? AlphaFlag : (byte)0;
        }
        else if (type == "VP8 " && data.Length >= 10)
            (width, height) = (ReadUInt16LittleEndian(data[6..]) & 0x3FFF, ReadUInt16LittleEndian(data[8..]) & 0x3FFF);
        else
            throw ContainerFaults.Damaged(Format);
        if (width == 0 || height == 0)
            throw ContainerFaults.Damaged(Format);
        // Chunks that a plain file should not have are shown by readers that ignore the rule, so they are announced.
        foreach (var chunk in chunks)
            flags |= chunk.Type switch { "ICCP" => ProfileFlag, "ALPH" => AlphaFlag, "ANIM" => AnimationFlag, _ => 0 };
        var header = new byte[ExtendedLength];
        header[0] = flags;
        WriteUInt24(header.AsSpan(4), width - 1);
        WriteUInt24(header.AsSpan(7), height - 1);
        return header;
    }

    private static void WriteUInt24(Span<byte> target, int value) =>
        (target[0], target[1], target[2]) = ((byte)value, (byte)(value >> 8), (byte)(value >> 16));
}
