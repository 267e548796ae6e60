using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;

namespace GenApi.Core.Persistence;

/// <summary>
/// Places in lists as callers see them. The number of a row counts the rows of all accounts, so a cursor that could be read would tell how
/// much others do: it is one block of AES, under
/// a key of this data directory. With another key cursors that were given out are refused.
/// </summary>
public sealed class PageCursors : IPreparation
{
    public const string KeyFile = "cursor-key";

    private const int Bytes = 16;

    private readonly Lazy<byte[]> _key;

    /// <param name="directory">Where the key is kept.</param>
    public PageCursors(DataDirectory directory) => _key = new(() => Load(directory));

    /// <returns>22 characters that are safe in a URL.</returns>
    public string Encode(DateTimeOffset at, long number)
    {
        Span<byte> place = stackalloc byte[Bytes], cursor = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(place, at.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(place[8..], number);
        using var aes = Block();
        aes.EncryptEcb(place, cursor, PaddingMode.None);
        return Base64Url.EncodeToString(cursor);
    }

    /// <returns>False for what was not given out here. Of random texts one in many billions passes, which harms nobody: a place is no
    /// right.</returns>
    public bool TryDecode(string text, out DateTimeOffset at, out long number)
    {
        Span<byte> cursor = stackalloc byte[Bytes], place = stackalloc byte[Bytes];
        (at, number) = (default, 0);
        if (text.Length > 2 * Bytes || !Base64Url.IsValid(text, out var length) || length != Bytes || !Base64Url.TryDecodeFromChars(text, cursor, out _))
            return false;
        using var aes = Block();
        aes.DecryptEcb(cursor, place, PaddingMode.None);
        var ticks = BinaryPrimitives.ReadInt64BigEndian(place);
        number = BinaryPrimitives.ReadInt64BigEndian(place[8..]);
        if (ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks || number is < 0 or > MostNumber)
            return false;
        at = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    /// <exception cref="SettingException">The key can't be used.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        _ = _key.Value;
        return Task.CompletedTask;
    }

    /// <summary>Beyond any row number; a text that is no cursor decodes to less once in 16 million times.</summary>
    private const long MostNumber = 1L << 39;

    private Aes Block()
    {
        var aes = Aes.Create();
        aes.Key = _key.Value;
        return aes;
    }

    private static byte[] Load(DataDirectory directory)
    {
        var text = SecretFile.ReadOrMake(directory, KeyFile, "DataDirectory", static () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes))).Trim();
        return text.Length == 2 * Bytes && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new SettingException("DataDirectory", $"the file '{KeyFile}' in it must hold {2 * Bytes} hexadecimal digits. It was left as it is.");
    }
}
