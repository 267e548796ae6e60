using System.Globalization;

namespace GenApi.Images;

/// <summary>
/// One range of bytes. A header is ignored if it can't be read, names another unit or asks for several ranges, as RFC 9110 (14.2) allows.
/// The answer is then the whole image.
/// </summary>
internal readonly record struct ByteRange(long Start, long Length)
{
    private const string Unit = "bytes=";

    /// <summary>Reads a header. A <see cref="Length"/> of 0 means that the range lies outside the image.</summary>
    /// <returns>False if the header is ignored.</returns>
    public static bool TryParse(string? header, long total, out ByteRange range)
    {
        range = default;
        if (header is null || !header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
            return false;
        var text = header.AsSpan(Unit.Length).Trim();
        var dash = text.IndexOf('-');
        if (dash < 0)
            return false;
        var before = text[..dash];
        var after = text[(dash + 1)..];
        if (before.IsEmpty)
        {
            if (!TryParse(after, out var last))
                return false;
            last = Math.Min(last, total);
            range = new ByteRange(total - last, last);
            return true;
        }
        var end = long.MaxValue;
        if (!TryParse(before, out var start) || (!after.IsEmpty && !TryParse(after, out end)) || end < start)
            return false;
        range = start >= total ? default : new ByteRange(start, Math.Min(end, total - 1) - start + 1);
        return true;
    }

    /// <summary>Reads digits. A number that is too large for any length counts as the largest.</summary>
    private static bool TryParse(ReadOnlySpan<char> digits, out long value)
    {
        value = long.MaxValue;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            return false;
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var small))
            value = small;
        return true;
    }
}
