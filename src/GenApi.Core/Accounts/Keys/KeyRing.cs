using System.Security.Cryptography;

namespace GenApi.Core.Accounts.Keys;

/// <summary>
/// An immutable snapshot of all keys; a changed key makes a new ring. Checking a key costs one SHA-256 and one dictionary lookup, and no
/// database access.
/// </summary>
internal sealed class KeyRing
{
    private static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];

    private readonly Dictionary<string, HeldKey>.AlternateLookup<ReadOnlySpan<char>> _byPrefix;
    private readonly Dictionary<Guid, HeldKey> _byId;
    private readonly (byte[] Hash, Caller Caller)? _admin;

    public KeyRing(IReadOnlyList<HeldKey> keys, (byte[] Hash, Caller Caller)? admin)
    {
        Keys = keys;
        _byPrefix = keys.ToDictionary(each => each.Row.Prefix, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _byId = keys.ToDictionary(each => each.Row.Id);
        _admin = admin;
        Revision = keys.Count == 0 ? 0 : keys.Max(each => each.Row.Revision);
    }

    public IReadOnlyList<HeldKey> Keys { get; }

    public long Revision { get; }

    /// <summary>Revoked and expired keys count too: once closed, open access never opens again by itself.</summary>
    public bool HasKeys => Keys.Count > 0 || _admin is not null;

    public KeyMatch Find(ReadOnlySpan<char> secret, DateTimeOffset now)
    {
        if (secret.Length > KeySecret.Longest)
            return KeyMatch.No(KeyRefusal.Unknown);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        KeySecret.Hash(secret, hash);
        // A prefix is not secret. The rest is compared by hash, in constant time.
        HeldKey? held = null;
        if (secret.Length > KeySecret.PrefixLength)
            _byPrefix.TryGetValue(secret[..KeySecret.PrefixLength], out held);
        if (CryptographicOperations.FixedTimeEquals(hash, held?.Row.Hash ?? NoHash))
            return Match(held!, now);
        if (_admin is { } admin && CryptographicOperations.FixedTimeEquals(hash, admin.Hash))
            return new(admin.Caller, default);
        return KeyMatch.No(secret.StartsWith(KeySecret.Start, StringComparison.Ordinal) && !KeySecret.IsWhole(secret)
            ? KeyRefusal.Damaged
            : KeyRefusal.Unknown);
    }

    /// <summary>Finds the key of a session. A new secret ends the sessions that were begun with the old one.</summary>
    public KeyMatch Find(KeyStamp stamp, DateTimeOffset now)
    {
        if (stamp.Account == FixedAccounts.AdminKeyId)
        {
            return _admin is { } admin && stamp == KeyStamp.Of(stamp.Account, admin.Hash)
                ? new(admin.Caller, default)
                : KeyMatch.No(KeyRefusal.Rotated);
        }
        if (!_byId.TryGetValue(stamp.Account, out var held))
            return KeyMatch.No(KeyRefusal.Unknown);
        return held.Row.RevokedAt is not null || stamp == KeyStamp.Of(stamp.Account, held.Row.Hash)
            ? Match(held, now)
            : KeyMatch.No(KeyRefusal.Rotated);
    }

    /// <summary>Returns the stamp of a caller's current secret; null for a caller without a key, or one whose key is gone.</summary>
    public KeyStamp? StampOf(Caller caller)
    {
        if (caller.KeyId is not { } id)
            return null;
        if (id == FixedAccounts.AdminKeyId)
            return _admin is { } admin ? KeyStamp.Of(id, admin.Hash) : null;
        return _byId.TryGetValue(id, out var held) ? KeyStamp.Of(id, held.Row.Hash) : null;
    }

    private static KeyMatch Match(HeldKey held, DateTimeOffset now)
    {
        if (held.Row.RevokedAt is not null)
            return KeyMatch.No(KeyRefusal.Revoked);
        if (held.Row.ExpiresAt <= now)
            return KeyMatch.No(KeyRefusal.Expired);
        held.Activity.Use(now);
        return new(held.Caller, default);
    }
}

/// <summary>A key in the ring.</summary>
internal sealed record HeldKey(ApiKey Row, KeyActivity Activity, Caller Caller);

/// <summary>The result of looking up a secret.</summary>
/// <param name="Caller">Null: see <paramref name="Refusal"/>.</param>
/// <param name="Refusal">Meaningless if there is a caller.</param>
public readonly record struct KeyMatch(Caller? Caller, KeyRefusal Refusal)
{
    internal static KeyMatch No(KeyRefusal refusal) => new(null, refusal);
}

/// <summary>The reason why a secret is refused.</summary>
public enum KeyRefusal
{
    /// <summary>It is not one of our keys.</summary>
    Unknown,

    /// <summary>It begins like one of ours, but characters are missing or wrong.</summary>
    Damaged,

    Revoked,

    Expired,

    /// <summary>The session was begun with an earlier secret of the key.</summary>
    Rotated,
}
