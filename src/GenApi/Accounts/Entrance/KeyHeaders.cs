using System.Collections.Frozen;
using System.Text;
using GenApi.Core.Accounts;
using Microsoft.Extensions.Primitives;

namespace GenApi.Accounts.Entrance;

/// <summary>
/// Reads the two headers that carry an API key: <c>Authorization: Bearer …</c>, and <c>X-Api-Key</c> with the key alone or behind
/// <c>Bearer</c>. On the routes of a door, <c>Authorization</c> may have the scheme of its clients. A refusal of another form names the
/// header and never repeats a part of its value.
/// </summary>
internal static class KeyHeaders
{
    public const string Own = "X-Api-Key";

    private const string Authorization = "Authorization", Bearer = "Bearer", Token = "Token", Basic = "Basic";
    private const string HowTo = "Write Authorization: Bearer genapi_…, or X-Api-Key: genapi_…";

    /// <summary>Base64 of more than this is no user name and key.</summary>
    private const int LongestBasic = 4096;

    /// <summary>Schemes of other services. An answer may repeat them, because they are not secrets.</summary>
    private static readonly FrozenSet<string> OtherSchemes = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "Basic", "Digest", "Token", "ApiKey", "Api-Key", "Key", "Negotiate", "JWT", "OAuth");

    /// <summary>Headers in which other services take keys.</summary>
    private static readonly string[] OtherHeaders = ["Api-Key", "ApiKey", "X-Auth-Token", "X-Access-Token", "X-Api-Token", "X-GenApi-Key"];

    /// <param name="headers">The headers of the request.</param>
    /// <param name="scheme">The scheme that the route takes besides <c>Bearer</c>.</param>
    /// <param name="secret">The secret to look up.</param>
    /// <param name="header">The name of its header.</param>
    /// <returns>False if no key is given in a valid form; <see cref="WrongForm"/> says why.</returns>
    public static bool TryRead(IHeaderDictionary headers, KeyScheme scheme, out ReadOnlySpan<char> secret, out string header)
    {
        header = Authorization;
        if (headers.Authorization is [{ } authorization]
            && (TryCut(authorization, Bearer, out secret) || TryRead(authorization, scheme, out secret)) && !secret.IsEmpty)
            return true;
        header = Own;
        secret = headers[Own] is [{ } key] ? key.AsSpan().Trim() : default;
        if (TryCut(secret, Bearer, out var behind))
            secret = behind;
        return !secret.IsEmpty;
    }

    /// <summary>Reads a value of <c>Authorization</c> in the scheme of a door.</summary>
    private static bool TryRead(ReadOnlySpan<char> authorization, KeyScheme scheme, out ReadOnlySpan<char> secret)
    {
        if (scheme == KeyScheme.Token)
            return TryCut(authorization, Token, out secret);
        if (scheme == KeyScheme.Basic && TryCut(authorization, Basic, out var encoded) && encoded.Length <= LongestBasic)
            return TryDecode(encoded, out secret);
        secret = default;
        return false;
    }

    /// <summary>Reads the password; without one, the user name, as <c>curl -u genapi_…:</c> sends it.</summary>
    private static bool TryDecode(ReadOnlySpan<char> encoded, out ReadOnlySpan<char> secret)
    {
        var bytes = new byte[encoded.Length];
        secret = default;
        if (!Convert.TryFromBase64Chars(encoded, bytes, out var count))
            return false;
        ReadOnlySpan<char> text = Encoding.UTF8.GetString(bytes, 0, count);
        var colon = text.IndexOf(':');
        if (colon < 0)
            return false;
        var password = text[(colon + 1)..].Trim();
        secret = password.IsEmpty ? text[..colon].Trim() : password;
        return true;
    }

    /// <summary>Says what is wrong with the form of the credentials after no key was found.</summary>
    public static string WrongForm(IHeaderDictionary headers, KeyScheme scheme)
    {
        if (Fault(Authorization, headers.Authorization, scheme) is { } wrong)
            return wrong;
        if (headers[Own] is { Count: > 0 } own)
            return own.Count > 1 ? MoreThanOnce(Own) : $"The header {Own} holds no key. {HowTo}.";
        return Array.Find(OtherHeaders, headers.ContainsKey) is { } other
            ? $"The header {other} is not read. {HowTo}."
            : "Send an API key: Authorization: Bearer genapi_…, or X-Api-Key: genapi_….";
    }

    /// <summary>
    /// Returns the refusal of a text that is not a key but contains the beginning of one, after quotes, a second scheme or a name.
    /// </summary>
    public static string? NotAlone(ReadOnlySpan<char> secret, string header) => secret.IndexOf(KeySecret.Start) > 0
        ? $"The header {header} holds more than the key, such as quotes or a name before it. {HowTo}."
        : null;

    private static string? Fault(string header, StringValues values, KeyScheme door)
    {
        if (values.Count == 0)
            return null;
        if (values.Count > 1)
            return MoreThanOnce(header);
        var text = values.ToString().Trim();
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (text.Equals(Bearer, StringComparison.OrdinalIgnoreCase))
            return $"The header {header} has no key behind {Bearer}. {HowTo}.";
        if (door != KeyScheme.Bearer && TryCut(text, door.ToString(), out _))
        {
            return door == KeyScheme.Basic
                ? $"The header {header} has no password. Send HTTP Basic with any user name, and the key genapi_… as the password."
                : $"The header {header} has no key behind {door}. {HowTo}.";
        }
        if (space < 0)
            return $"The header {header} lacks the word {Bearer} before the key. {HowTo}.";
        var scheme = OtherSchemes.TryGetValue(text[..space], out var known) ? $"the scheme {known}" : "another scheme";
        return $"The header {header} has {scheme}, but only {Bearer} is read. {HowTo}.";
    }

    private static string MoreThanOnce(string header) => $"The header {header} is given more than once. Send it once.";

    /// <summary>Cuts off the scheme in front.</summary>
    private static bool TryCut(ReadOnlySpan<char> text, string scheme, out ReadOnlySpan<char> behind)
    {
        behind = default;
        text = text.Trim();
        if (!text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        if (text.Length > scheme.Length && !char.IsWhiteSpace(text[scheme.Length]))
            return false;
        behind = text[scheme.Length..].Trim();
        return true;
    }
}
