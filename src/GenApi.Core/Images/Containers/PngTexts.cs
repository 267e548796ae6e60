using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace GenApi.Core.Images.Containers;

/// <summary>A text of a PNG.</summary>
/// <param name="Keyword">What the text is, such as <c>parameters</c>.</param>
/// <param name="Text">The text.</param>
/// <param name="ChunkType"><c>tEXt</c>, <c>zTXt</c> or <c>iTXt</c>.</param>
public sealed record PngText(string Keyword, string Text, string ChunkType);

/// <summary>Reads and writes the three kinds of text chunks.</summary>
public static class PngTexts
{
    /// <summary>The keyword of XMP (XMP specification, part 3).</summary>
    public const string XmpKeyword = "XML:com.adobe.xmp";

    /// <summary>Compressed texts may grow to this many bytes in all. Texts beyond are skipped.</summary>
    internal const int MostInflated = 8 << 20;

    private const int LongestKeyword = 79;

    // Text is Latin-1 by the standard, but many tools write UTF-8. Latin-1 text with letters beyond ASCII is hardly ever valid UTF-8.
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// Reads the texts in the order of the file. Chunks with a wrong checksum or a broken structure are skipped, as decoders do.
    /// </summary>
    public static IReadOnlyList<PngText> Read(IEnumerable<PngChunk> chunks)
    {
        var texts = new List<PngText>();
        var budget = MostInflated;
        foreach (var chunk in chunks)
        {
            if (chunk.Type is "tEXt" or "zTXt" or "iTXt" && chunk.IsIntact && Read(chunk, ref budget) is { } text)
                texts.Add(text);
        }
        return texts;
    }

    /// <summary>Returns the keyword of a text chunk; null for any other chunk.</summary>
    public static string? KeywordOf(PngChunk chunk) =>
        chunk.Type is "tEXt" or "zTXt" or "iTXt" && chunk.Data.Span.IndexOf((byte)0) is > 0 and <= LongestKeyword and var end
            ? Encoding.Latin1.GetString(chunk.Data.Span[..end])
            : null;

    /// <summary>
    /// Makes a text chunk. ASCII becomes tEXt, which every reader understands. Anything else becomes iTXt: readers disagree about letters
    /// beyond ASCII in tEXt. NUL ends a text, so it is left out.
    /// </summary>
    /// <param name="keyword">1 to 79 ASCII characters.</param>
    /// <param name="text">The text; half of a surrogate pair becomes U+FFFD.</param>
    public static PngChunk Make(string keyword, string text)
    {
        text = text.Replace("\0", "", StringComparison.Ordinal);
        return Ascii.IsValid(text)
            ? PngChunks.Make("tEXt", [.. Encoding.ASCII.GetBytes(keyword), 0, .. Encoding.ASCII.GetBytes(text)])
            : International(keyword, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Makes the chunk of an XMP packet, which is always iTXt.</summary>
    public static PngChunk MakeXmp(ReadOnlySpan<byte> packet) => International(XmpKeyword, packet);

    // Not compressed; no language; no translated keyword.
    private static PngChunk International(string keyword, ReadOnlySpan<byte> utf8) =>
        PngChunks.Make("iTXt", [.. Encoding.ASCII.GetBytes(keyword), 0, 0, 0, 0, 0, .. utf8]);

    private static PngText? Read(PngChunk chunk, ref int budget)
    {
        if (KeywordOf(chunk) is not { } keyword)
            return null;
        var rest = chunk.Data[(keyword.Length + 1)..];
        if (chunk.Type == "tEXt")
            return new PngText(keyword, Decode(rest.Span), chunk.Type);
        if (chunk.Type == "zTXt")
        {
            return rest.Length > 0 && rest.Span[0] == 0 && Inflate(rest[1..], ref budget) is { } inflated
                ? new PngText(keyword, Decode(inflated), chunk.Type)
                : null;
        }
        // iTXt: a flag and a method of compression, the language and the translated keyword, each ended by NUL, and the text in UTF-8.
        if (rest.Length < 4)
            return null;
        var (isCompressed, method) = (rest.Span[0] != 0, rest.Span[1]);
        rest = rest[2..];
        for (var each = 0; each < 2; each++)
        {
            var end = rest.Span.IndexOf((byte)0);
            if (end < 0)
                return null;
            rest = rest[(end + 1)..];
        }
        if (!isCompressed)
            return new PngText(keyword, Encoding.UTF8.GetString(rest.Span), chunk.Type);
        return method == 0 && Inflate(rest, ref budget) is { } text
            ? new PngText(keyword, Encoding.UTF8.GetString(text), chunk.Type)
            : null;
    }

    private static string Decode(ReadOnlySpan<byte> text)
    {
        try
        {
            return StrictUtf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(text);
        }
    }

    /// <summary>Inflates a text. What was inflated counts in any case, so many long texts in a file share one limit.</summary>
    /// <returns>Null for damaged data, and for more than the budget.</returns>
    private static byte[]? Inflate(ReadOnlyMemory<byte> compressed, ref int budget)
    {
        var output = new ArrayBufferWriter<byte>();
        try
        {
            using var inflater = new ZLibStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
            int read;
            while ((read = inflater.Read(output.GetSpan(8 << 10))) > 0)
            {
                output.Advance(read);
                if (output.WrittenCount > budget)
                    return null;
            }
        }
        catch (Exception damage) when (damage is InvalidDataException or IOException)
        {
            return null;
        }
        finally
        {
            budget -= output.WrittenCount;
        }
        return output.WrittenSpan.ToArray();
    }
}
