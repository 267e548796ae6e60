using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GenApi.Hosting;

/// <summary>Reads times that callers write. Seconds may be missing; without an offset, the time is UTC.</summary>
internal static class Rfc3339
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <param name="text">The text, as in a body.</param>
    /// <param name="time">The time in UTC.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>Reads a time in a query string, in which a bare + arrives as a space.</summary>
    /// <inheritdoc cref="TryParse"/>
    public static bool TryParseQuery(string text, out DateTimeOffset time) => TryParse(text.Replace(' ', '+'), out time);
}
