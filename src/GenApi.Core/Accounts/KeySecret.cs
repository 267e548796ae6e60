using System.Security.Cryptography;
using System.Text;

namespace GenApi.Core.Accounts;

/// <summary>
/// The secret of a key: <c>genapi_</c>, 40 random characters of base62 and 6 that check them, so that a scanner of repositories can be sure of what
/// it found and a key that was not copied whole can be told as such. Its first 15 characters are its prefix, by which it is shown and found; the
/// 32 behind them (190 bits) are known to its holder alone.
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

    /// <summary>Whether it has the form of a secret and its check is right: then it was a key once, or somebody made it up with care.</summary>
    public static bool IsWhole(ReadOnlySpan<char> secret)
    {
        if (secret.Length != Length || !secret.StartsWith(Start, StringComparison.Ordinal))
            return false;
        Span<char> check = stackalloc char[CheckCharacters];
        WriteCheck(secret[..^CheckCharacters], check);
        return secret[^CheckCharacters..].SequenceEqual(check);
    }

    /// <summary>SHA-256. A secret with this much chance in it needs no slow hash.</summary>
    /// <param name="secret">At most <see cref="Longest"/> characters.</param>
    /// <param name="hash">32 bytes.</param>
    internal static void Hash(ReadOnlySpan<char> secret, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[Longest * 3];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(secret, bytes)], hash);
    }

    /// <summary>Of any secret that is looked at, ours or one from the settings.</summary>
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
