using System.Buffers;
using System.Text.Json;

namespace GenApi.Core.Replicate.Reading;

/// <summary>
/// Reads only the two ends of a JSON text of megabytes, such as a log: errors are at its beginning, and the progress is at its end.
/// </summary>
internal static class LongText
{
    /// <summary>The longest text in bytes of JSON, where a character may take six.</summary>
    public const int Longest = 1 << 20;

    private const int HeadBytes = 64 * 1024;
    public const int TailBytes = 512 * 1024;

    /// <summary>The longest escape of one or two characters: a pair of surrogates.</summary>
    private const int LongestUnit = 12;

    /// <summary>Reads a long text.</summary>
    /// <param name="raw">The bytes between the quotes, longer than <see cref="Longest"/> and well-formed.</param>
    public static string Read(ReadOnlySequence<byte> raw)
    {
        var head = raw.Slice(0, HeadBytes + 2 * LongestUnit).ToArray();
        var tail = raw.Slice(raw.Length - TailBytes).ToArray();
        return Text(head.AsSpan(0, UnitAt(head, HeadBytes))) + "…" + End(tail.AsSpan(UnitAt(tail, LongestUnit)));
    }

    /// <summary>
    /// Finds the first whole unit. In a run of backslashes it is not clear which begins an escape, so the other of two is tried.
    /// </summary>
    private static string End(ReadOnlySpan<byte> raw)
    {
        try
        {
            return Text(raw);
        }
        catch (JsonException)
        {
            return Text(raw[1..]);
        }
    }

    /// <summary>Cuts a text that is decoded already.</summary>
    public static string Cut(string text) => text.Length <= Longest ? text : text[..HeadBytes] + "…" + text[^TailBytes..];

    /// <summary>
    /// Finds the beginning of a unit at or soon after <paramref name="at"/>, so that no cut splits a character or an escape.
    /// </summary>
    private static int UnitAt(ReadOnlySpan<byte> raw, int at)
    {
        while ((raw[at] & 0xC0) == 0x80)
            at++;
        // An escape that begins before the cut and ends after it.
        for (var begin = Math.Max(0, at - LongestUnit + 1); begin < at; begin++)
        {
            if (raw[begin] != '\\' || IsEscaped(raw, begin))
                continue;
            var end = begin + LengthAt(raw[begin..]);
            if (end > at)
                return end;
            begin = end - 1;
        }
        return at;
    }

    private static bool IsEscaped(ReadOnlySpan<byte> raw, int at)
    {
        var before = at;
        while (before > 0 && raw[before - 1] == '\\')
            before--;
        return (at - before) % 2 != 0;
    }

    private static int LengthAt(ReadOnlySpan<byte> escape)
    {
        if (escape[1] != 'u')
            return 2;
        var isHigh = (escape[2] | 0x20) == 'd' && (escape[3] | 0x20) is '8' or '9' or 'a' or 'b';
        return isHigh ? LongestUnit : LongestUnit / 2;
    }

    private static string Text(ReadOnlySpan<byte> raw)
    {
        var quoted = new byte[raw.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        raw.CopyTo(quoted.AsSpan(1));
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString()!;
    }
}
