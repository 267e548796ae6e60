using GenApi.Core.Accounts.Keys;
using GenApi.Core.Accounts.RateLimits;

namespace GenApi.Core.Accounts;

/// <summary>
/// The caller of a request: a key, someone without one, or anyone on this machine while there are no keys. One instance serves all requests
/// of a key until the key is changed.
/// </summary>
public sealed class Caller
{
    internal Caller(Guid accountId, bool hasKey, string name, KeyRights rights, CancellationToken ended, CallerLimits? limits = null) =>
        (AccountId, HasKey, Name, Rights, Ended, Limits) = (accountId, hasKey, name, rights, ended, limits ?? CallerLimits.None);

    /// <summary>
    /// The account of its requests: the key's id, or one of the fixed ids of <see cref="ApiKeys"/>. Resources stay with the account when
    /// the key is changed.
    /// </summary>
    public Guid AccountId { get; }

    public bool HasKey { get; }

    /// <summary>Null for a caller without a key.</summary>
    public Guid? KeyId => HasKey ? AccountId : null;

    /// <summary>A name for people: the key's name.</summary>
    public string Name { get; }

    public KeyRights Rights { get; }

    /// <summary>True if the caller sees the resources of all accounts, not only its own.</summary>
    public bool SeesAll => (Rights & KeyRights.Admin) != 0;

    /// <summary>The account whose resources it sees; null: all accounts.</summary>
    public Guid? VisibleAccount => SeesAll ? null : AccountId;

    public CallerLimits Limits { get; }

    /// <summary>
    /// Canceled when this caller's waits and streams must end: its key was revoked or has expired, or the first key has closed open access.
    /// </summary>
    public CancellationToken Ended { get; }

    /// <summary>Returns whether the caller has a right; <see cref="KeyRights.Admin"/> includes every other right.</summary>
    public bool Has(KeyRights right) => (Rights & (right | KeyRights.Admin)) != 0;
}
