using System.Globalization;
using System.Text;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Models.Canonical;
using Microsoft.Extensions.Primitives;

namespace GenApi.Generations;

/// <summary>
/// Reads <c>Idempotency-Key</c>. The IETF draft wants a structured-field string in double quotes; most clients send it bare, which means
/// the same.
/// </summary>
internal static class IdempotencyHeader
{
    public const string Name = "Idempotency-Key";
    public const int Longest = 255;

    /// <param name="header">The raw header.</param>
    /// <param name="body">The body of the request.</param>
    /// <param name="account">The account of the key: two accounts may use the same text.</param>
    /// <returns>The key; null if there is none.</returns>
    /// <exception cref="GenApiException">InvalidRequest: not 1 to 255 visible characters, or more than one header.</exception>
    public static IdempotencyKey? Read(StringValues header, JsonElement body, Guid account) =>
        // Canonical, so that the order of members and the form of numbers make no difference.
        Text(header) is { } text ? new(account.ToString("N"), text, Convert.ToHexStringLower(CanonicalJson.Hash(body))) : null;

    /// <summary>Reads the key of one of several generations that the request of a door becomes.</summary>
    /// <param name="header">The raw header.</param>
    /// <param name="fingerprint">Of the whole request.</param>
    /// <param name="index">Which of the generations, from 0.</param>
    /// <param name="account">The account of the key.</param>
    /// <returns>The key; null if there is none.</returns>
    /// <exception cref="GenApiException">InvalidRequest: not 1 to 255 visible characters, or more than one header.</exception>
    public static IdempotencyKey? Read(StringValues header, Guid fingerprint, int index, Guid account)
    {
        if (Text(header) is not { } text)
            return null;
        // No caller's key has a space in it.
        var own = index == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text} {index}");
        return new(account.ToString("N"), own, fingerprint.ToString("N"));
    }

    private static string? Text(StringValues header)
    {
        if (header.Count == 0)
            return null;
        var text = header.Count == 1 ? Unquote((header[0] ?? "").Trim()) : null;
        if (text is null || text.Length is 0 or > Longest || text.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0)
        {
            throw GenApiException.ForMember(
                ErrorKind.InvalidRequest, Name,
                $"'{Name}' must be one value of 1 to {Longest} visible ASCII characters, in double quotes or bare.");
        }
        return text;
    }

    /// <returns>The text; null if it begins with a quote but is not a string of RFC 9651.</returns>
    private static string? Unquote(string text)
    {
        if (!text.StartsWith('"'))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] == '"')
                return at == text.Length - 1 ? plain.ToString() : null;
            if (text[at] == '\\' && (++at == text.Length || text[at] is not ('"' or '\\')))
                return null;
            plain.Append(text[at]);
        }
        return null;
    }
}
