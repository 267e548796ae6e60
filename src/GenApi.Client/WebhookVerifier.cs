using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GenApi.Client;

/// <summary>
/// Verifies webhooks of the service, which are signed by Standard Webhooks: HMAC-SHA256 over the id, the timestamp and the bytes of the
/// body. Pass the bytes as received: a body that was parsed and written again has another signature.
/// </summary>
public sealed class WebhookVerifier
{
    /// <summary>The header with the id of the message, the same on every attempt.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header with the time of the attempt, in seconds since 1970.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header with the signatures, separated by spaces.</summary>
    public const string SignatureHeader = "webhook-signature";

    private const string SecretPrefix = "whsec_";
    private const string Version = "v1,";

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly byte[] _key;
    private readonly TimeProvider _time;

    /// <param name="secret"><c>whsec_…</c>, as <see cref="GenApiClient.GetWebhookSecretAsync"/> returns it.</param>
    /// <param name="timeProvider">The clock; null: the system's.</param>
    /// <exception cref="ArgumentException">The secret is not <c>whsec_</c> and base64.</exception>
    public WebhookVerifier(string secret, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(secret);
        _time = timeProvider ?? TimeProvider.System;
        var text = secret.Trim();
        var key = new byte[text.Length];
        if (!text.StartsWith(SecretPrefix, StringComparison.Ordinal)
            || !Convert.TryFromBase64String(text[SecretPrefix.Length..], key, out var length) || length == 0)
            throw new ArgumentException("A webhook secret is whsec_ and base64.", nameof(secret));
        _key = key[..length];
    }

    /// <summary>Checks that the service sent this message, at most five minutes from now.</summary>
    /// <param name="id">The header <see cref="IdHeader"/>.</param>
    /// <param name="timestamp">The header <see cref="TimestampHeader"/>.</param>
    /// <param name="signature">The header <see cref="SignatureHeader"/>; one of its signatures must match.</param>
    /// <param name="body">The body's bytes.</param>
    public bool IsValid(string? id, string? timestamp, string? signature, ReadOnlySpan<byte> body)
    {
        if (string.IsNullOrEmpty(id) || signature is null
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs((decimal)seconds - _time.GetUtcNow().ToUnixTimeSeconds()) > (decimal)Tolerance.TotalSeconds)
            return false;
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hash.AppendData(body);
        var expected = hash.GetHashAndReset();
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var part in signature.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.StartsWith(Version, StringComparison.Ordinal)
                && Convert.TryFromBase64Chars(part.AsSpan(Version.Length), given, out var length)
                && CryptographicOperations.FixedTimeEquals(expected, given[..length]))
                return true;
        }
        return false;
    }

    /// <summary>Verifies a message and reads it.</summary>
    /// <inheritdoc cref="IsValid" path="/param"/>
    /// <returns>Null if the service did not send it; answer 401 then.</returns>
    /// <exception cref="JsonException">The signature is valid, but this version can't read the message.</exception>
    public WebhookMessage? Read(string? id, string? timestamp, string? signature, ReadOnlySpan<byte> body) =>
        IsValid(id, timestamp, signature, body)
            ? JsonSerializer.Deserialize(body, ClientJson.Default.WebhookMessage)! with { Id = id! }
            : null;
}

/// <summary>A message about a generation. It may arrive twice under the same id, and messages may overtake each other.</summary>
public sealed record WebhookMessage
{
    /// <summary>The id of the message, the same on every attempt.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Id { get; init; } = "";

    /// <summary><c>generation.start</c>, <c>generation.progress</c> or <c>generation.completed</c>.</summary>
    public string Type { get; init; } = "";

    /// <summary>The time of the event.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>The generation at that time.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("data")]
    public Generation Generation { get => field ?? new(); init; }
}
