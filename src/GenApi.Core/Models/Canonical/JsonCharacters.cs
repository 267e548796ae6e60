using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace GenApi.Core.Models.Canonical;

/// <summary>Examines JSON strings in place: none becomes a .NET string of twice its size, however long it is.</summary>
public static class JsonCharacters
{
    /// <summary>Counts the code points of a JSON string with its escapes resolved; half a surrogate pair counts as one.</summary>
    public static int Count(JsonElement text)
    {
        var raw = Raw(text);
        // A sequence of four bytes is a pair of UTF-16 units.
        var count = Encoding.UTF8.GetCharCount(raw);
        for (byte lead = 0xF0; lead <= 0xF4; lead++)
            count -= raw.Count(lead);
        for (var at = raw.IndexOf((byte)'\\'); at >= 0; at = raw.IndexOf((byte)'\\'))
        {
            raw = raw[at..];
            var length = CanonicalText.EscapeLength(raw);
            count -= length - 1;
            raw = raw[length..];
        }
        return count;
    }

    /// <summary>Returns whether every reader downstream accepts the text: it holds neither half a surrogate pair nor U+0000.</summary>
    /// <param name="raw">A string or a name as it stands in the JSON text, without the quotes.</param>
    public static bool AreSound(ReadOnlySpan<byte> raw)
    {
        for (var at = raw.IndexOf((byte)'\\'); at >= 0; at = raw.IndexOf((byte)'\\'))
        {
            raw = raw[at..];
            if (raw.StartsWith("\\u0000"u8) || CanonicalText.IsLoneSurrogate(raw))
                return false;
            raw = raw[CanonicalText.EscapeLength(raw)..];
        }
        return true;
    }

    /// <summary>Returns the string in UTF-8: in place, or as a copy with its escapes resolved.</summary>
    public static ReadOnlySpan<byte> Plain(JsonElement text)
    {
        var raw = Raw(text);
        if (!raw.Contains((byte)'\\'))
            return raw;
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(text));
        reader.Read();
        var plain = new byte[raw.Length];
        return plain.AsSpan(0, reader.CopyString(plain));
    }

    private static ReadOnlySpan<byte> Raw(JsonElement text) => JsonMarshal.GetRawUtf8Value(text)[1..^1];
}
