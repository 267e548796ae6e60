using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace GenApi.Core.Webhooks;

/// <summary>
/// A secret of Standard Webhooks: <c>whsec_</c> and base64. Only <see cref="Reveal"/> returns its text; a log of the object shows nothing
/// of it.
/// </summary>
public sealed class WebhookSecret
{
    /// <summary>The number of bytes that Standard Webhooks asks for; Replicate's secrets have 24.</summary>
    internal const int Shortest = 24, Longest = 64;

    private const string Prefix = "whsec_";
    private const int Usual = 32;

    /// <summary>Separates the secrets derived here from any other use of a key.</summary>
    private static readonly byte[] Purpose = "genapi webhook secret of an account"u8.ToArray();

    /// <summary>The accepted number of bytes of a secret that we did not make.</summary>
    private const int ShortestForeign = 16, LongestForeign = 256;

    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    /// <summary>The length in bytes.</summary>
    internal int Length => _key.Length;

    /// <summary>Reads a secret.</summary>
    /// <returns>False for a text that is not <c>whsec_</c> and the base64 of 16 to 256 bytes.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WebhookSecret? secret)
    {
        secret = null;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var key = new byte[LongestForeign];
        if (!Convert.TryFromBase64String(text[Prefix.Length..], key, out var length) || length < ShortestForeign)
            return false;
        secret = new WebhookSecret(key[..length]);
        return true;
    }

    internal static WebhookSecret New() => new(RandomNumberGenerator.GetBytes(Usual));

    /// <summary>Returns the whole text, for its file or its owner.</summary>
    internal string Reveal() => Prefix + Convert.ToBase64String(_key);

    /// <summary>Derives another secret by HKDF-SHA256 (RFC 5869), which reveals nothing of this one.</summary>
    internal WebhookSecret Derive(Guid id, ReadOnlySpan<byte> salt)
    {
        Span<byte> info = [.. Purpose, .. id.ToByteArray(bigEndian: true)];
        var key = new byte[Usual];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, key, salt, info);
        return new WebhookSecret(key);
    }

    /// <summary>Computes the HMAC-SHA256 of both parts together.</summary>
    internal byte[] Hash(string beginning, ReadOnlySpan<byte> rest)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData(Encoding.UTF8.GetBytes(beginning));
        hash.AppendData(rest);
        return hash.GetHashAndReset();
    }

    public override string ToString() => $"{Prefix}…";
}
