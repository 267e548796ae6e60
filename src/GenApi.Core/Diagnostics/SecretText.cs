using System.Buffers;
using System.Text.RegularExpressions;

namespace GenApi.Core.Diagnostics;

/// <summary>
/// Removes secrets from foreign text (an upstream's error, a mistyped path, an exception) before it reaches a log, a row or an answer:
/// Replicate's tokens (<c>r8_</c>), our API keys (<c>genapi_</c>) and webhook secrets (<c>whsec_</c>). The prefix stays and shows what
/// stood there. The first 15 characters of an API key, its display name, are not secret and stay.
/// </summary>
public static partial class SecretText
{
    // Nearly every text has none of these, and then one scan is the whole cost.
    private static readonly SearchValues<string> Beginnings = SearchValues.Create(["r8_", "genapi_", "whsec_"], StringComparison.Ordinal);

    public static bool MayHoldSecret(ReadOnlySpan<char> text) => text.ContainsAny(Beginnings);

    public static bool MayHoldSecret(ReadOnlySpan<byte> utf8) =>
        utf8.IndexOf("genapi_"u8) >= 0 || utf8.IndexOf("r8_"u8) >= 0 || utf8.IndexOf("whsec_"u8) >= 0;

    /// <returns>The same instance where there is nothing to remove.</returns>
    public static string Scrub(string text) => MayHoldSecret(text) ? Secret().Replace(text, "…") : text;

    // A little shorter than real secrets are, so that one that was cut off is removed as well.
    [GeneratedRegex(
        "(?<=r8_)[0-9A-Za-z]{16,}|(?<=genapi_)[0-9A-Za-z]{16,}|(?<=whsec_)[0-9A-Za-z+/_=-]{16,}", RegexOptions.CultureInvariant)]
    private static partial Regex Secret();
}
