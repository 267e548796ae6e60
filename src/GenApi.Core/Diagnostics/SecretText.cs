using System.Buffers;
using System.Text.RegularExpressions;

namespace GenApi.Core.Diagnostics;

/// <summary>
/// Takes secrets out of text that others wrote (an upstream's error, a path that was mistyped, an exception) before it goes to a log, a row or an answer: tokens of
/// Replicate (<c>r8_</c>), our own keys (<c>genapi_</c>) and secrets of webhooks (<c>whsec_</c>). What stays is the beginning that tells what stood there. The
/// first 15 characters of one of our keys, by which it is shown, are no secret and are left alone.
/// </summary>
public static partial class SecretText
{
    // Nearly every text has none of these, and then a look is all it costs.
    private static readonly SearchValues<string> Beginnings = SearchValues.Create(["r8_", "genapi_", "whsec_"], StringComparison.Ordinal);

    public static bool MayHoldSecret(ReadOnlySpan<char> text) => text.ContainsAny(Beginnings);

    public static bool MayHoldSecret(ReadOnlySpan<byte> utf8) => utf8.IndexOf("genapi_"u8) >= 0 || utf8.IndexOf("r8_"u8) >= 0 || utf8.IndexOf("whsec_"u8) >= 0;

    /// <returns>The same instance where there is nothing to take out.</returns>
    public static string Scrub(string text) => MayHoldSecret(text) ? Secret().Replace(text, "…") : text;

    // A little shorter than each really is, so that one that was cut off is not told either.
    [GeneratedRegex("(?<=r8_)[0-9A-Za-z]{16,}|(?<=genapi_)[0-9A-Za-z]{16,}|(?<=whsec_)[0-9A-Za-z+/_=-]{16,}", RegexOptions.CultureInvariant)]
    private static partial Regex Secret();
}
