using System.Globalization;
using System.Security.Cryptography;

namespace GenApi.Core.Webhooks;

/// <summary>The three headers of Standard Webhooks; each is null where a request has it not at all or several times.</summary>
/// <param name="Id"><c>webhook-id</c>: the same on every delivery of one message.</param>
/// <param name="Timestamp"><c>webhook-timestamp</c>: seconds since 1970, of this delivery.</param>
/// <param name="Signature"><c>webhook-signature</c>: <c>v1,</c> and base64, several separated by spaces.</param>
public readonly record struct WebhookHeaders(string? Id, string? Timestamp, string? Signature)
{
    public const string IdName = "webhook-id";
    public const string TimestampName = "webhook-timestamp";
    public const string SignatureName = "webhook-signature";
}

/// <summary>
/// Signs and verifies by Standard Webhooks: HMAC-SHA256 of <c>id.timestamp.body</c>, with the body's bytes as they are on the wire.
/// Replicate signs in the same way.
/// </summary>
public static class WebhookSignature
{
    /// <summary>
    /// The largest distance of a time stamp from now, in both directions, so that an intercepted message can't be replayed later.
    /// </summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const string Version = "v1,";

    /// <summary>
    /// Makes the three headers. Two secrets give two signatures, so a receiver may change from one to the other at any time.
    /// </summary>
    public static WebhookHeaders Sign(IEnumerable<WebhookSecret> secrets, string id, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signatures = new List<string>();
        foreach (var secret in secrets)
            signatures.Add(Version + Convert.ToBase64String(secret.Hash($"{id}.{timestamp}.", body)));
        return new WebhookHeaders(id, timestamp, string.Join(' ', signatures));
    }

    /// <summary>
    /// Returns whether one of the signatures was made with one of the secrets, and recently. Signatures of other versions than v1 are
    /// ignored.
    /// </summary>
    public static bool IsValid(IEnumerable<WebhookSecret> secrets, WebhookHeaders headers, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (headers is not { Id.Length: > 0, Signature: { } signatures } || !IsRecent(headers.Timestamp, now))
            return false;
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var secret in secrets)
        {
            var expected = secret.Hash($"{headers.Id}.{headers.Timestamp}.", body);
            foreach (var part in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (part.StartsWith(Version, StringComparison.Ordinal)
                    && Convert.TryFromBase64Chars(part.AsSpan(Version.Length), given, out var length)
                    && CryptographicOperations.FixedTimeEquals(expected, given[..length]))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Returns whether the time stamp is recent. If not, another secret would not help.</summary>
    internal static bool IsRecent(string? timestamp, DateTimeOffset now) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs((decimal)seconds - now.ToUnixTimeSeconds()) <= (decimal)Tolerance.TotalSeconds;
}
