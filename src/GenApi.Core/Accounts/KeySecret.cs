using System.Security.Cryptography;
using System.Text;

namespace GenApi.Core.Accounts;

/// <summary>
/// The secret of a key: <c>genapi_</c>, 40 random base62 characters and 6 check characters. A scanner of repositories can verify what it
/// found, and GenApi can say that a key was not copied completely. The first 15 characters are the prefix, by which a key is shown and
/// found; only the holder knows the 32 after it (190 bits).
/// </summary>
public static class KeySecret
{
    public const string Start = "genapi_";

    public const int PrefixLength = 15;

    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int RandomCharacters = 40, CheckCharacters = 6;
    private const int Length = 7 + RandomCharacters + CheckCharacters;

    public static string Make()
    {
        var body = Start + RandomNumberGenerator.GetString(Base62, RandomCharacters);
        Span<char> check = stackalloc char[CheckCharacters];
        WriteCheck(body, check);
        return string.Concat(body, check);
    }

    /// <summary>
    /// Returns whether the text has the form of a secret and its check characters match. If so, it once was a key, or someone forged the
    /// check.
    /// </summary>
    public static bool IsWhole(ReadOnlySpan<char> secret)
    {
        if (secret.Length != Length || !secret.StartsWith(Start, StringComparison.Ordinal))
            return false;
        Span<char> check = stackalloc char[CheckCharacters];
        WriteCheck(secret[..^CheckCharacters], check);
        return secret[^CheckCharacters..].SequenceEqual(check);
    }

    /// <summary>Computes the SHA-256. A secret with this much entropy needs no slow hash.</summary>
    /// <param name="secret">At most <see cref="Longest"/> characters.</param>
    /// <param name="hash">32 bytes.</param>
    internal static void Hash(ReadOnlySpan<char> secret, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[Longest * 3];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(secret, bytes)], hash);
    }

    /// <summary>The longest secret that is examined, ours or one from the settings.</summary>
    internal const int Longest = 200;

    private static void WriteCheck(ReadOnlySpan<char> body, Span<char> check)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(body, hash);
        var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hash);
        for (var at = check.Length - 1; at >= 0; at--)
        {
            check[at] = Base62[(int)(value % 62)];
            value /= 62;
        }
    }
}
