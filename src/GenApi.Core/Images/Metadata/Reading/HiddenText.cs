using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Images.Containers;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>
/// Reads the text that NovelAI and an extension of AUTOMATIC1111's web UI hide in a PNG: the lowest bits of alpha, column by column, or of
/// the colours. It survives what removes the other texts.
/// </summary>
internal static class HiddenText
{
    private const int SignatureBytes = 15, LengthBytes = 4;

    private static readonly (string Signature, bool IsInAlpha, bool IsCompressed)[] Kinds =
    [
        ("stealth_pnginfo", true, false), ("stealth_pngcomp", true, true), ("stealth_rgbinfo", false, false),
        ("stealth_rgbcomp", false, true),
    ];

    /// <returns>Null if nothing is hidden, or the picture is no PNG of the usual form.</returns>
    public static string? Find(ReadOnlyMemory<byte> image)
    {
        if (!PngChunks.Are(image.Span))
            return null;
        try
        {
            return LowestBits.Read(PngChunks.Read(image)) is { } bits ? Find(bits, true) ?? Find(bits, false) : null;
        }
        catch (Exception damage)
            when (damage is InvalidDataException or IOException or GenApiException { Kind: ErrorKind.ImageNotConvertible })
        {
            return null;
        }
    }

    private static string? Find(LowestBits bits, bool isInAlpha)
    {
        var signature = Encoding.ASCII.GetString(bits.Bytes(isInAlpha, 0, SignatureBytes));
        var kind = Array.Find(Kinds, each => each.IsInAlpha == isInAlpha && each.Signature == signature);
        if (kind.Signature is null)
            return null;
        // The length is in bits.
        var length = BinaryPrimitives.ReadUInt32BigEndian(bits.Bytes(isInAlpha, SignatureBytes, LengthBytes)) / 8;
        if (length > ToolJson.LongestText)
            return null;
        var content = bits.Bytes(isInAlpha, SignatureBytes + LengthBytes, (int)length);
        return kind.IsCompressed ? Unpacked(content) : Encoding.UTF8.GetString(content);
    }

    private static string? Unpacked(byte[] content)
    {
        using var unpacked = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        var text = new byte[ToolJson.LongestText + 1];
        var count = unpacked.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        return count <= ToolJson.LongestText ? Encoding.UTF8.GetString(text, 0, count) : null;
    }
}
