using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;

namespace GenApi.Core.Images;

/// <summary>
/// Addresses of images that carry the right to be read, for a time: <c>?expires=…&amp;sig=…</c>. So a browser or a page that holds no key can show what a
/// key was given. The time is rounded to an eighth of the life, so that the same link is given for a while and caches along the way have a use for it.
/// </summary>
public sealed class ImageLinks : IPreparation
{
    public const string KeyFile = "image-link-key";

    /// <summary>Names of the two parameters.</summary>
    public const string Expires = "expires", Signature = "sig";

    private const int KeyBytes = 32, SignatureBytes = 16, SignatureCharacters = 22, StepsInALife = 8;

    private readonly Lazy<byte[]> _key;
    private readonly long _life;
    private readonly long _step;

    /// <param name="directory">Where the key is kept.</param>
    /// <param name="life">Of a link; a minute at least.</param>
    public ImageLinks(DataDirectory directory, TimeSpan life)
    {
        _key = new(() => Load(directory));
        _life = (long)life.TotalSeconds;
        _step = Math.Max(1, _life / StepsInALife);
    }

    /// <summary>When links that are given now expire, in Unix seconds: seven eighths of the life from now at least, the whole of it at most.</summary>
    public long ExpiryFrom(DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        return seconds - seconds % _step + _life;
    }

    /// <summary>What follows the address of an image.</summary>
    public string Query(Guid image, long expires)
    {
        Span<char> signature = stackalloc char[SignatureCharacters];
        Sign(image, expires, signature);
        return $"?{Expires}={expires}&{Signature}={signature}";
    }

    /// <summary>Whether <see cref="Query"/> gave this signature for it. Whether it has expired the caller sees.</summary>
    public bool IsOurs(Guid image, long expires, ReadOnlySpan<char> signature)
    {
        Span<char> own = stackalloc char[SignatureCharacters];
        Sign(image, expires, own);
        return CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(signature), MemoryMarshal.AsBytes((ReadOnlySpan<char>)own));
    }

    /// <exception cref="SettingException">The key can't be used.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        _ = _key.Value;
        return Task.CompletedTask;
    }

    /// <summary>The first 128 bits of HMAC-SHA256, as base64url.</summary>
    private void Sign(Guid image, long expires, Span<char> signature)
    {
        Span<byte> text = stackalloc byte[24];
        image.TryWriteBytes(text, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(text[16..], expires);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key.Value, text, hash);
        Base64Url.EncodeToChars(hash[..SignatureBytes], signature);
    }

    private static byte[] Load(DataDirectory directory)
    {
        var text = SecretFile.ReadOrMake(directory, KeyFile, "Images", static () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes))).Trim();
        return text.Length == 2 * KeyBytes && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new SettingException("Images", $"the file '{KeyFile}' in the data directory must hold {2 * KeyBytes} hexadecimal digits. It was left as it is.");
    }
}
