using System.Text;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>Reads the Exif field UserComment and other texts of Exif.</summary>
internal static class UserComment
{
    private const int PrefixLength = 8;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// Reads a comment. Eight bytes before the text should name its encoding; some tools leave them out. The order of UTF-16 is found from
    /// the text, because writers do not keep to the order of the block: the right one has more zeros in its upper bytes.
    /// </summary>
    /// <param name="value">The bytes of the field.</param>
    /// <param name="isBigEndian">The order of the block, for a text that does not show its own.</param>
    public static string Decode(ReadOnlySpan<byte> value, bool isBigEndian)
    {
        if (value.StartsWith("UNICODE\0"u8))
            return Utf16(value[PrefixLength..], isBigEndian);
        return Plain(value.StartsWith("ASCII\0\0\0"u8) || value.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 0, 0, 0, 0, 0])
            ? value[PrefixLength..]
            : value);
    }

    /// <summary>Reads a text that should be ASCII: UTF-8 if it can be that, otherwise Latin-1. A NUL ends it.</summary>
    public static string Plain(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOf((byte)0);
        value = end < 0 ? value : value[..end];
        try
        {
            return StrictUtf8.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(value);
        }
    }

    private static string Utf16(ReadOnlySpan<byte> text, bool isBigEndian)
    {
        if (text.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || text.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
        {
            isBigEndian = text[0] == 0xFE;
            text = text[2..];
        }
        else
        {
            var (even, odd) = (0, 0);
            for (var at = 0; at + 1 < text.Length; at += 2)
            {
                even += text[at] == 0 ? 1 : 0;
                odd += text[at + 1] == 0 ? 1 : 0;
            }
            isBigEndian = even == odd ? isBigEndian : even > odd;
        }
        return (isBigEndian ? Encoding.BigEndianUnicode : Encoding.Unicode).GetString(text[..(text.Length & ~1)]).TrimEnd('\0');
    }
}
