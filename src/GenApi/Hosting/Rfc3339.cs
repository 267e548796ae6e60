using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GenApi.Hosting;

/// <summary>Instants as callers write them; seconds may be left out, and an offset, which is UTC then.</summary>
internal static class Rfc3339
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <param name="text">As in a body.</param>
    /// <param name="time">In UTC.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>In a query string a bare + arrives as a space.</summary>
    /// <inheritdoc cref="TryParse"/>
    public static bool TryParseQuery(string text, out DateTimeOffset time) => TryParse(text.Replace(' ', '+'), out time);
}
