using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;

namespace GenApi.Core.Images;

/// <summary>
/// Signs links that make one image readable for a limited time: <c>?expires=…&amp;sig=…</c>. A browser or a page without a key can show an
/// image this way. The expiry is rounded to an eighth of the link's life, so the same link is returned for a while and caches can use it.
/// </summary>
public sealed class ImageLinks : IPreparation
{
    public const string KeyFile = "image-link-key";

    /// <summary>The names of the two parameters.</summary>
    public const string Expires = "expires", Signature = "sig";

    private const int KeyBytes = 32, SignatureBytes = 16, SignatureCharacters = 22, StepsInALife = 8;

    private readonly Lazy<byte[]> _key;
    private readonly long _life;
    private readonly long _step;

    /// <param name="directory">Holds the signing key.</param>
    /// <param name="life">How long a link is valid; at least a minute.</param>
    public ImageLinks(DataDirectory directory, TimeSpan life)
    {
        _key = new(() => Load(directory));
        _life = (long)life.TotalSeconds;
        _step = Math.Max(1, _life / StepsInALife);
    }

    /// <summary>
    /// Returns when links issued now expire, in Unix seconds: after at least seven eighths of the life and at most the whole of it.
    /// </summary>
    public long ExpiryFrom(DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        return seconds - seconds % _step + _life;
    }

    /// <summary>Returns the query string for an image's address.</summary>
    public string Query(Guid image, long expires)
    {
        Span<char> signature = stackalloc char[SignatureCharacters];
        Sign(image, expires, signature);
        return $"?{Expires}={expires}&{Signature}={signature}";
    }

    /// <summary>Returns whether <see cref="Query"/> issued this signature for the image. The caller checks the expiry.</summary>
    public bool IsOurs(Guid image, long expires, ReadOnlySpan<char> signature)
    {
        Span<char> own = stackalloc char[SignatureCharacters];
        Sign(image, expires, own);
        return CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(signature), MemoryMarshal.AsBytes((ReadOnlySpan<char>)own));
    }

    /// <exception cref="SettingException">The key file can't be used.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        _ = _key.Value;
        return Task.CompletedTask;
    }

    /// <summary>Computes the first 128 bits of HMAC-SHA256, as base64url.</summary>
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
        var text = SecretFile.ReadOrMake(
            directory, KeyFile, "Images", static () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes))).Trim();
        return text.Length == 2 * KeyBytes && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new SettingException("Images",
                $"the file '{KeyFile}' in the data directory must hold {2 * KeyBytes} hexadecimal digits. It was left untouched.");
    }
}
