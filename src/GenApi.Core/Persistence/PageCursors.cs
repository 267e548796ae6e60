using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using GenApi.Core.Errors;

namespace GenApi.Core.Persistence;

/// <summary>
/// Encodes positions in lists as cursors for callers. Row numbers count the rows of all accounts, so a readable cursor would reveal the
/// activity of others. A cursor is therefore one block of AES, under a key of this store. With another key, earlier cursors are
/// refused.
/// </summary>
public sealed class PageCursors : IPreparation
{
    public const string KeyFile = "cursor-key";

    private const int Bytes = 16;

    private readonly Lazy<byte[]> _key;

    /// <param name="secrets">The store of the key.</param>
    public PageCursors(ISecretStore secrets) => _key = new(() => Load(secrets));

    /// <summary>Makes a cursor.</summary>
    /// <returns>22 characters that are safe in a URL.</returns>
    public string Encode(DateTimeOffset at, long number)
    {
        Span<byte> position = stackalloc byte[Bytes], cursor = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(position, at.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(position[8..], number);
        using var aes = Block();
        aes.EncryptEcb(position, cursor, PaddingMode.None);
        return Base64Url.EncodeToString(cursor);
    }

    /// <summary>Reads a cursor.</summary>
    /// <returns>
    /// False for a text that is not a cursor of this service. One random text in many billions passes, which does no harm: a position
    /// grants no access.
    /// </returns>
    public bool TryDecode(string text, out DateTimeOffset at, out long number)
    {
        Span<byte> cursor = stackalloc byte[Bytes], position = stackalloc byte[Bytes];
        (at, number) = (default, 0);
        if (text.Length > 2 * Bytes || !Base64Url.IsValid(text, out var length) || length != Bytes
            || !Base64Url.TryDecodeFromChars(text, cursor, out _))
            return false;
        using var aes = Block();
        aes.DecryptEcb(cursor, position, PaddingMode.None);
        var ticks = BinaryPrimitives.ReadInt64BigEndian(position);
        number = BinaryPrimitives.ReadInt64BigEndian(position[8..]);
        if (ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks || number is < 0 or > MostNumber)
            return false;
        at = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    /// <summary>Makes a cursor for a list with several rows at one position, such as the images of a generation.</summary>
    /// <param name="at">The first part of the position.</param>
    /// <param name="number">The second part.</param>
    /// <param name="index">The row at this position.</param>
    /// <returns>43 characters that are safe in a URL.</returns>
    public string Encode(DateTimeOffset at, long number, int index)
    {
        Span<byte> position = stackalloc byte[2 * Bytes], cursor = stackalloc byte[2 * Bytes];
        position.Clear();
        BinaryPrimitives.WriteInt64BigEndian(position, at.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(position[8..], number);
        BinaryPrimitives.WriteInt32BigEndian(position[Bytes..], index);
        using var aes = Block();
        aes.EncryptCbc(position, NoVector, cursor, PaddingMode.None);
        return Base64Url.EncodeToString(cursor);
    }

    /// <summary>Reads such a cursor. Cursors of other lists are too short.</summary>
    /// <returns>False for a text that is not such a cursor of this service.</returns>
    public bool TryDecode(string text, out DateTimeOffset at, out long number, out int index)
    {
        Span<byte> cursor = stackalloc byte[2 * Bytes], position = stackalloc byte[2 * Bytes];
        (at, number, index) = (default, 0, 0);
        if (text.Length > 3 * Bytes || !Base64Url.IsValid(text, out var length) || length != 2 * Bytes
            || !Base64Url.TryDecodeFromChars(text, cursor, out _))
            return false;
        using var aes = Block();
        aes.DecryptCbc(cursor, NoVector, position, PaddingMode.None);
        var ticks = BinaryPrimitives.ReadInt64BigEndian(position);
        // The rest of the second block proves that it is ours.
        if (position[(Bytes + sizeof(int))..].ContainsAnyExcept((byte)0)
            || ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks)
            return false;
        at = new DateTimeOffset(ticks, TimeSpan.Zero);
        number = BinaryPrimitives.ReadInt64BigEndian(position[8..]);
        index = BinaryPrimitives.ReadInt32BigEndian(position[Bytes..]);
        return true;
    }

    /// <exception cref="SettingException">The key can't be used.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        _ = _key.Value;
        return Task.CompletedTask;
    }

    /// <summary>Above any row number. A text that is not a cursor decodes to less than this once in 16 million times.</summary>
    private const long MostNumber = 1L << 39;

    /// <summary>The position itself differs from cursor to cursor, so no random vector is needed.</summary>
    private static ReadOnlySpan<byte> NoVector => "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"u8;

    private Aes Block()
    {
        var aes = Aes.Create();
        aes.Key = _key.Value;
        return aes;
    }

    private static byte[] Load(ISecretStore secrets)
    {
        var text = secrets.ReadOrMake(
            KeyFile, "DataDirectory", static () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes))).Trim();
        return text.Length == 2 * Bytes && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new SettingException(
                "DataDirectory", $"its file '{KeyFile}' must hold {2 * Bytes} hexadecimal digits. The file was left unchanged.");
    }
}
