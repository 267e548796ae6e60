using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;

namespace GenApi.Core.Images;

/// <summary>Signs the id of an image or file and the end of a link, with a key that is a separate secret of the store.</summary>
internal static class LinkSignature
{
    /// <summary>The end of a link that does not expire.</summary>
    public const long Never = long.MaxValue;

    private const int KeyBytes = 32, Bytes = 16, Characters = 22;

    /// <summary>Returns the first 128 bits of HMAC-SHA256, as base64url.</summary>
    public static string Of(ReadOnlySpan<byte> key, Guid output, long expires)
    {
        Span<char> signature = stackalloc char[Characters];
        Write(key, output, expires, signature);
        return new(signature);
    }

    /// <summary>Returns whether <see cref="Of"/> made the signature; it takes as long for a wrong one.</summary>
    public static bool IsRight(ReadOnlySpan<byte> key, Guid output, long expires, ReadOnlySpan<char> signature)
    {
        Span<char> own = stackalloc char[Characters];
        Write(key, output, expires, own);
        return CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(signature), MemoryMarshal.AsBytes((ReadOnlySpan<char>)own));
    }

    /// <summary>Reads a key, and makes it if there is none.</summary>
    /// <exception cref="SettingException">It can't be used.</exception>
    public static byte[] Load(ISecretStore secrets, string name)
    {
        var text = secrets.ReadOrMake(name, "Images", NewKey).Trim();
        return text.Length == 2 * KeyBytes && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new SettingException("Images",
                $"{secrets.PlaceOf(name)} must hold {2 * KeyBytes} hexadecimal digits. It was left untouched.");
    }

    /// <summary>Makes the text of a new key.</summary>
    public static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes));

    private static void Write(ReadOnlySpan<byte> key, Guid output, long expires, Span<char> signature)
    {
        Span<byte> text = stackalloc byte[24];
        output.TryWriteBytes(text, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(text[16..], expires);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, text, hash);
        Base64Url.EncodeToChars(hash[..Bytes], signature);
    }
}
