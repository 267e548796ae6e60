using System.Security.Cryptography;

namespace GenApi.Core.Accounts.Keys;

/// <summary>
/// Names a key and its current secret without revealing the secret: what a session of a browser remembers. It reads
/// <c>00000000000000000000000000000001.0123456789abcdef01234567</c>.
/// </summary>
/// <param name="Account">The key's id, or <see cref="FixedAccounts.AdminKeyId"/>.</param>
/// <param name="Mark">24 hexadecimal digits that change with the secret.</param>
public sealed record KeyStamp(Guid Account, string Mark)
{
    private const int MarkBytes = 12;

    /// <param name="account">The key's id.</param>
    /// <param name="hash">The SHA-256 of the secret.</param>
    internal static KeyStamp Of(Guid account, ReadOnlySpan<byte> hash)
    {
        Span<byte> mark = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(hash, "GenApi session"u8, mark);
        return new(account, Convert.ToHexStringLower(mark[..MarkBytes]));
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null for any other text.</summary>
    public static KeyStamp? Parse(string? text) =>
        text is not null && text.Split('.') is [var account, { Length: MarkBytes * 2 } mark] && Guid.TryParseExact(account, "N", out var id)
            ? new(id, mark)
            : null;

    public override string ToString() => $"{Account:N}.{Mark}";
}
