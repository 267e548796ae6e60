using System.Buffers.Text;
using System.Net.Mime;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Outputs;

/// <summary>
/// Opens <c>data:[type][;base64],…</c> (RFC 2397). It decodes base64 piece by piece, without a second copy of the file.
/// </summary>
internal static class DataUri
{
    public const string Scheme = "data:";

    public static bool Is(string uri) => uri.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Returns whether the text has the head of RFC 2397: a type, parameters, no space, then a comma. So it is not a sentence that begins
    /// with <c>data:</c>.
    /// </summary>
    public static bool IsWellBegun(string uri)
    {
        var comma = uri.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0)
            return false;
        var first = true;
        foreach (var range in uri.AsSpan(Scheme.Length, comma - Scheme.Length).Split(';'))
        {
            var part = uri.AsSpan(Scheme.Length, comma - Scheme.Length)[range];
            if (part.ContainsAny(" \t\r\n") || (first && part.Length > 0 && part.Count('/') != 1) || (!first && part.IsEmpty))
                return false;
            first = false;
        }
        return true;
    }

    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.UnusableOutput"/>, not transient: the URI is malformed, or the file is larger than allowed.
    /// </exception>
    public static OutputFile Open(string uri, long maxBytes)
    {
        var comma = uri.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0)
            throw Malformed();
        var header = uri.AsSpan(Scheme.Length, comma - Scheme.Length).Trim();
        const string mark = ";base64";
        var base64 = header.EndsWith(mark, StringComparison.OrdinalIgnoreCase);
        var type = (base64 ? header[..^mark.Length] : header).Trim().ToString();
        var contentType = type.Length == 0 ? MediaTypeNames.Text.Plain : type;
        return base64 ? OpenBase64(uri, comma + 1, contentType, maxBytes) : OpenEscaped(uri.AsSpan(comma + 1), contentType, maxBytes);
    }

    private static OutputFile OpenBase64(string uri, int start, string contentType, long maxBytes)
    {
        var payload = uri.AsMemory(start);
        // Rare forms become the usual one first: escaped, broken into lines, or without padding.
        if (payload.Span.ContainsAny("% \r\n\t"))
            payload = string.Concat(Uri.UnescapeDataString(payload.Span).Where(c => !char.IsWhiteSpace(c))).AsMemory();
        if (payload.Length % 4 is var extra and not 0)
            payload = (payload.ToString() + new string('=', 4 - extra)).AsMemory();
        if (!Base64.IsValid(payload.Span, out var length))
            throw Malformed();
        if (length > maxBytes)
            throw OutputFaults.TooLarge(maxBytes);
        return new OutputFile(new Base64Stream(payload), contentType, length);
    }

    private static OutputFile OpenEscaped(ReadOnlySpan<char> text, string contentType, long maxBytes)
    {
        // An escape is three characters for one byte, any other character at most three bytes.
        if (text.Length > maxBytes * 3)
            throw OutputFaults.TooLarge(maxBytes);
        using var bytes = new MemoryStream(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            if (text[0] == '%')
            {
                if (text.Length < 3 || Convert.FromHexString(text[1..3], utf8, out _, out _) != System.Buffers.OperationStatus.Done)
                    throw Malformed();
                bytes.WriteByte(utf8[0]);
                text = text[3..];
                continue;
            }

            Rune.DecodeFromUtf16(text, out var rune, out var taken);
            bytes.Write(utf8[..rune.EncodeToUtf8(utf8)]);
            text = text[taken..];
        }

        if (bytes.Length > maxBytes)
            throw OutputFaults.TooLarge(maxBytes);
        return new OutputFile(new MemoryStream(bytes.GetBuffer(), 0, (int)bytes.Length, writable: false), contentType, bytes.Length);
    }

    private static GenApiException Malformed() => new(ErrorKind.UnusableOutput, "The output is a data URI that can't be read.");

    /// <summary>Decodes base64 that was checked and has no line breaks.</summary>
    private sealed class Base64Stream(ReadOnlyMemory<char> payload) : ReadOnlyStream
    {
        // A multiple of three bytes, so that each piece but the last is whole groups of four characters.
        private readonly byte[] _decoded = new byte[3 * 8192];
        private ReadOnlyMemory<char> _rest = payload;
        private ReadOnlyMemory<byte> _ready;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_ready.IsEmpty && !_rest.IsEmpty)
            {
                var piece = _rest[..Math.Min(_rest.Length, _decoded.Length / 3 * 4)];
                if (!Convert.TryFromBase64Chars(piece.Span, _decoded, out var decoded))
                    throw Malformed();
                _ready = _decoded.AsMemory(0, decoded);
                _rest = _rest[piece.Length..];
            }

            var read = Math.Min(buffer.Length, _ready.Length);
            _ready[..read].CopyTo(buffer);
            _ready = _ready[read..];
            return ValueTask.FromResult(read);
        }
    }
}
