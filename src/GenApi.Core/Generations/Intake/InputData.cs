using System.Buffers;
using System.Buffers.Text;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// The bytes of a data URI (RFC 2397) in a body. They are decoded straight from the JSON text, so they are the only copy.
/// </summary>
/// <param name="Bytes">Decoded.</param>
/// <param name="ContentType">As the URI names it.</param>
internal sealed record InputData(byte[] Bytes, string ContentType)
{
    private const int LongestHeader = 256;

    /// <param name="uri">A string that begins with <c>data:</c>.</param>
    /// <exception cref="GenApiException">InvalidInput, worded to follow the name of a member.</exception>
    public static InputData Decode(JsonElement uri)
    {
        var plain = JsonCharacters.Plain(uri);
        var comma = plain[..Math.Min(plain.Length, LongestHeader)].IndexOf((byte)',');
        if (comma < 0)
            throw Unreadable();
        var header = Encoding.UTF8.GetString(plain["data:".Length..comma]).Trim();
        const string mark = ";base64";
        var isBase64 = header.EndsWith(mark, StringComparison.OrdinalIgnoreCase);
        var type = isBase64 ? header[..^mark.Length].Trim() : header;
        var payload = plain[(comma + 1)..];
        // Escapes are rare in base64 and usual outside it.
        if (payload.Contains((byte)'%'))
            payload = Unescape(payload);
        return new InputData(isBase64 ? FromBase64(payload) : payload.ToArray(), type.Length == 0 ? MediaTypeNames.Text.Plain : type);
    }

    /// <summary>Decodes base64. It skips whitespace, and padding at the end may be missing.</summary>
    /// <exception cref="GenApiException">InvalidInput, worded for a data URI.</exception>
    public static byte[] FromBase64(ReadOnlySpan<byte> payload)
    {
        if (payload.ContainsAny(" \r\n\t"u8))
            payload = WithoutSpaces(payload);
        var tail = payload.Length % 4;
        var whole = payload[..^tail];
        // Allocated at the exact size, because these may be megabytes: a group of four has three bytes, less its padding.
        var bytes = new byte[whole.Length / 4 * 3 - (whole.EndsWith("=="u8) ? 2 : whole.EndsWith("="u8) ? 1 : 0) + Math.Max(0, tail - 1)];
        if (tail == 1 || Base64.DecodeFromUtf8(whole, bytes, out _, out var count) != OperationStatus.Done)
            throw Unreadable();
        if (tail == 0)
            return bytes;
        Span<byte> last = [(byte)'=', (byte)'=', (byte)'=', (byte)'='];
        payload[^tail..].CopyTo(last);
        var isDone = Base64.DecodeFromUtf8(last, bytes.AsSpan(count), out _, out _) == OperationStatus.Done;
        return isDone && count + tail - 1 == bytes.Length ? bytes : throw Unreadable();
    }

    private static byte[] WithoutSpaces(ReadOnlySpan<byte> text)
    {
        var kept = new byte[text.Length];
        var count = 0;
        foreach (var one in text)
        {
            if (one is not ((byte)' ' or (byte)'\r' or (byte)'\n' or (byte)'\t'))
                kept[count++] = one;
        }
        return kept[..count];
    }

    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        var plain = new byte[text.Length];
        var count = 0;
        while (!text.IsEmpty)
        {
            if (text[0] != '%')
            {
                plain[count++] = text[0];
                text = text[1..];
                continue;
            }
            if (text.Length < 3 || Convert.FromHexString(text[1..3], plain.AsSpan(count, 1), out _, out _) != OperationStatus.Done)
                throw Unreadable();
            count++;
            text = text[3..];
        }
        return plain[..count];
    }

    private static GenApiException Unreadable() =>
        new(ErrorKind.InvalidInput, "is a data URI that can't be read: it must be data:image/png;base64, and base64, or the like");
}
