using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace GenApi.Core.Webhooks;

/// <summary>
/// A key of Standard Webhooks: <c>whsec_</c> and base64. Only <see cref="Reveal"/> tells its text; whatever logs or shows the object tells nothing.
/// </summary>
public sealed class WebhookSecret
{
    /// <summary>Bytes that Standard Webhooks asks for; Replicate's have 24.</summary>
    internal const int Shortest = 24, Longest = 64;

    private const string Prefix = "whsec_";
    private const int Usual = 32;

    /// <summary>Keeps what is derived here apart from whatever else a key may ever be used for.</summary>
    private static readonly byte[] DerivedFor = "genapi webhook secret of an account"u8.ToArray();

    /// <summary>A secret that we did not make is taken as it is, within reason.</summary>
    private const int ShortestForeign = 16, LongestForeign = 256;

    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    /// <summary>In bytes.</summary>
    internal int Length => _key.Length;

    /// <summary>False for what is not <c>whsec_</c> and the base64 of 16 to 256 bytes.</summary>
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

    /// <summary>The whole text, for the file it is kept in or for its owner.</summary>
    internal string Reveal() => Prefix + Convert.ToBase64String(_key);

    /// <summary>Another one by HKDF-SHA256 (RFC 5869), which tells nothing of this one.</summary>
    internal WebhookSecret Derive(Guid id, ReadOnlySpan<byte> salt)
    {
        Span<byte> info = [.. DerivedFor, .. id.ToByteArray(bigEndian: true)];
        var key = new byte[Usual];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, key, salt, info);
        return new WebhookSecret(key);
    }

    /// <summary>HMAC-SHA256 over the parts, one after another.</summary>
    internal byte[] Hash(string beginning, ReadOnlySpan<byte> rest)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData(Encoding.UTF8.GetBytes(beginning));
        hash.AppendData(rest);
        return hash.GetHashAndReset();
    }

    public override string ToString() => $"{Prefix}…";
}
