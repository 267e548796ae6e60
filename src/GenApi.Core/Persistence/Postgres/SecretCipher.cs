using System.Security.Cryptography;
using System.Text;
using GenApi.Core.Errors;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>Encrypts the secrets in the database by AES-GCM, with a key derived from <c>Cluster:SecretKey</c>.</summary>
/// <param name="secretKey">The setting.</param>
internal sealed class SecretCipher(string secretKey)
{
    private const int KeyBytes = 32, NonceBytes = 12, TagBytes = 16;

    /// <summary>The setting, for messages.</summary>
    public const string Setting = $"{SecretOptions.Section}:{nameof(SecretOptions.SecretKey)}";

    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secretKey), KeyBytes, salt: null, info: "GenApi secrets 1"u8.ToArray());

    /// <summary>Encrypts a secret.</summary>
    /// <param name="name">Its name: the secret can't be decrypted under another one.</param>
    /// <param name="secret">The secret.</param>
    /// <returns>The nonce, the tag and the encrypted text.</returns>
    public byte[] Encrypt(string name, string secret)
    {
        var text = Encoding.UTF8.GetBytes(secret);
        var value = new byte[NonceBytes + TagBytes + text.Length];
        RandomNumberGenerator.Fill(value.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(_key, TagBytes);
        cipher.Encrypt(
            value.AsSpan(0, NonceBytes), text, value.AsSpan(NonceBytes + TagBytes), value.AsSpan(NonceBytes, TagBytes),
            Encoding.UTF8.GetBytes(name));
        return value;
    }

    /// <exception cref="SettingException">Another key has encrypted it, or it was changed.</exception>
    public string Decrypt(string name, byte[] value)
    {
        try
        {
            var text = new byte[Math.Max(0, value.Length - NonceBytes - TagBytes)];
            using var cipher = new AesGcm(_key, TagBytes);
            cipher.Decrypt(
                value.AsSpan(0, NonceBytes), value.AsSpan(NonceBytes + TagBytes), value.AsSpan(NonceBytes, TagBytes), text,
                Encoding.UTF8.GetBytes(name));
            return Encoding.UTF8.GetString(text);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new SettingException(
                Setting,
                $"the secret '{name}' in the database was encrypted with another key. Set the key that this database was made with: it is "
                + "the same on all instances.", failure);
        }
    }
}
