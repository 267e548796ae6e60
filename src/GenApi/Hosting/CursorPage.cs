using System.Buffers.Binary;
using System.Buffers.Text;

namespace GenApi.Hosting;

/// <summary>One page of a list.</summary>
/// <param name="Data">The rows.</param>
/// <param name="NextCursor">Give it as `cursor` to get the next page; null at the end.</param>
internal sealed record CursorPage<T>(IReadOnlyList<T> Data, string? NextCursor);

/// <summary>A place in a list as callers see it: opaque, safe in a URL. What is in it may change with any version.</summary>
internal static class OpaqueCursor
{
    private const int Bytes = 16;

    public static string Encode(DateTimeOffset at, long number)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], number);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryDecode(string text, out DateTimeOffset at, out long number)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        (at, number) = (default, 0);
        if (text.Length > 2 * Bytes || !Base64Url.IsValid(text, out var length) || length != Bytes || !Base64Url.TryDecodeFromChars(text, bytes, out _))
            return false;
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        number = BinaryPrimitives.ReadInt64BigEndian(bytes[8..]);
        if (ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks || number < 0)
            return false;
        at = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }
}
