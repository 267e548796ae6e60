using GenApi.Core.Accounts.Keys;
using GenApi.Core.Accounts.RateLimits;

namespace GenApi.Core.Accounts;

/// <summary>
/// Who asks: a key, somebody without one, or whoever is on this machine while there are no keys. The same instance serves all requests of a key
/// until the key is changed.
/// </summary>
public sealed class Caller
{
    internal Caller(Guid accountId, bool hasKey, string name, KeyRights rights, CancellationToken ended, CallerLimits? limits = null) =>
        (AccountId, HasKey, Name, Rights, Ended, Limits) = (accountId, hasKey, name, rights, ended, limits ?? CallerLimits.None);

    /// <summary>Whose account its requests are on: the key's id, or one of the fixed ids of <see cref="ApiKeys"/>. What is made stays with it when the key is changed.</summary>
    public Guid AccountId { get; }

    public bool HasKey { get; }

    /// <summary>Null for a caller without a key.</summary>
    public Guid? KeyId => HasKey ? AccountId : null;

    /// <summary>For people: the key's name.</summary>
    public string Name { get; }

    public KeyRights Rights { get; }

    /// <summary>Whether everybody's things are there for it, and not only those of its own account.</summary>
    public bool SeesAll => (Rights & KeyRights.Admin) != 0;

    /// <summary>The account whose things it sees; null: everybody's.</summary>
    public Guid? Sight => SeesAll ? null : AccountId;

    public CallerLimits Limits { get; }

    /// <summary>Ends what this caller waits for or follows: its key was revoked or has expired, or a first key has closed the open door.</summary>
    public CancellationToken Ended { get; }

    /// <summary><see cref="KeyRights.Admin"/> includes every other right.</summary>
    public bool Has(KeyRights right) => (Rights & (right | KeyRights.Admin)) != 0;
}
