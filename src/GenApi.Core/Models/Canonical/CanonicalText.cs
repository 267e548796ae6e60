using System.Buffers;
using System.Globalization;
using System.Text;

namespace GenApi.Core.Models.Canonical;

/// <summary>
/// Writes JSON strings between their quotes with the fewest escapes: only the quote, the backslash, control characters and lone surrogates.
/// </summary>
internal static class CanonicalText
{
    /// <summary>Writes <paramref name="raw"/>, the string as it stands in the JSON text, without the quotes.</summary>
    public static void Write(ReadOnlySpan<byte> raw, IBufferWriter<byte> output)
    {
        while (true)
        {
            // A valid JSON string holds no bare control character, so without an escape it is already canonical.
            var plain = raw.IndexOf((byte)'\\');
            if (plain < 0)
            {
                output.Write(raw);
                return;
            }
            output.Write(raw[..plain]);
            raw = raw[(plain + WriteEscaped(raw[plain..], output))..];
        }
    }

    /// <summary>Returns whether an escape in this JSON stands for half a surrogate pair, which is not text in any encoding.</summary>
    public static bool HasLoneSurrogate(ReadOnlySpan<byte> raw)
    {
        for (var at = raw.IndexOf((byte)'\\'); at >= 0; at = raw.IndexOf((byte)'\\'))
        {
            raw = raw[at..];
            if (IsLoneSurrogate(raw))
                return true;
            raw = raw[EscapeLength(raw)..];
        }
        return false;
    }

    /// <summary>Returns whether the escape at the beginning stands for half a surrogate pair without its other half.</summary>
    public static bool IsLoneSurrogate(ReadOnlySpan<byte> escape) =>
        escape[1] == 'u' && Unit(escape) is var unit && char.IsSurrogate(unit) && !IsPair(escape, unit);

    /// <summary>Returns the length of the escape at the beginning in bytes; a surrogate pair is one escape.</summary>
    public static int EscapeLength(ReadOnlySpan<byte> escape) => escape[1] != 'u' ? 2 : IsPair(escape, Unit(escape)) ? 12 : 6;

    /// <returns>How many bytes of <paramref name="raw"/> were written.</returns>
    private static int WriteEscaped(ReadOnlySpan<byte> raw, IBufferWriter<byte> output)
    {
        if (raw[1] != 'u')
        {
            if (raw[1] == '/')
                output.Write("/"u8);
            else
                output.Write(raw[..2]);
            return 2;
        }
        var unit = Unit(raw);
        if (IsPair(raw, unit))
        {
            WriteRune(new Rune(unit, Unit(raw[6..])), output);
            return 12;
        }
        switch (unit)
        {
            case '"':
                output.Write("\\\""u8);
                break;
            case '\\':
                output.Write("\\\\"u8);
                break;
            case '\b':
                output.Write("\\b"u8);
                break;
            case '\t':
                output.Write("\\t"u8);
                break;
            case '\n':
                output.Write("\\n"u8);
                break;
            case '\f':
                output.Write("\\f"u8);
                break;
            case '\r':
                output.Write("\\r"u8);
                break;
            case < ' ':
            case >= '\ud800' and <= '\udfff':
                output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}")));
                break;
            default:
                WriteRune(new Rune(unit), output);
                break;
        }
        return 6;
    }

    private static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static bool IsPair(ReadOnlySpan<byte> raw, char first) => char.IsHighSurrogate(first)
        && raw.Length >= 12 && raw[6] == '\\' && raw[7] == 'u' && char.IsLowSurrogate(Unit(raw[6..]));

    private static void WriteRune(Rune rune, IBufferWriter<byte> output) => output.Advance(rune.EncodeToUtf8(output.GetSpan(4)));
}
