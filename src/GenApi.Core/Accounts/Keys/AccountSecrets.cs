using GenApi.Core.Accounts.Audit;
using GenApi.Core.Errors;
using GenApi.Core.Webhooks;

namespace GenApi.Core.Accounts.Keys;

/// <summary>
/// Which secrets sign the webhooks of an account: those of a key are its own, derived from the file <see cref="WebhookSecrets.RootFile"/> and what its row says; what has
/// no key (everybody while there are none, callers without one, the key of the settings) has the installation's.
/// </summary>
public sealed class AccountSecrets
{
    private readonly ApiKeys _keys;
    private readonly WebhookSecrets _secrets;
    private readonly TimeProvider _time;

    internal AccountSecrets(ApiKeys keys, WebhookSecrets secrets, TimeProvider time) => (_keys, _secrets, _time) = (keys, secrets, time);

    /// <summary>
    /// Whether keys have other secrets than before, because the file they are derived from was gone: this start made it, and keys were used that were made or given another
    /// secret since there is such a file. Known once the service has started.
    /// </summary>
    public bool AreOthersThanBefore => _secrets.IsRootNew && _keys.List().Any(each => each.LastUsedAt is not null && !each.Key.WebhookSalts.AreBefore);

    /// <summary>The caller's own, or the installation's where it has none and sees everything.</summary>
    /// <exception cref="GenApiException">Forbidden: it shares the installation's with everybody else who has no key.</exception>
    public AccountSecret Get(Caller caller)
    {
        if (_keys.RowOf(caller.AccountId) is { } row)
            return Of(row);
        if (!caller.SeesAll)
            throw new GenApiException(ErrorKind.Forbidden, "Webhooks of callers without an API key are signed with the installation's secret, which its operator tells.");
        return new(caller.AccountId, _secrets.Signing[0].Reveal(), IsOwn: false, [.. _secrets.Signing.Skip(1).Select(static _ => new OtherSecret(IsOwn: false, Until: null))]);
    }

    /// <summary>Gives the caller another one.</summary>
    /// <exception cref="GenApiException">Forbidden as for <see cref="Get"/>; Conflict: it has none of its own, or this was done too often.</exception>
    public Task<AccountSecret> RotateAsync(Caller caller, Actor by, CancellationToken cancellationToken) => Get(caller).IsOwn
        ? RotateAsync(caller.AccountId, by, cancellationToken)
        : throw new GenApiException(ErrorKind.Conflict, "Only API keys that were made here have a secret of their own. The installation's is changed by the setting Webhooks:SigningSecret.");

    /// <summary>Gives a key another one; those before it sign beside it for <see cref="WebhookSalts.Grace"/>.</summary>
    /// <exception cref="GenApiException">NotFound; Conflict: the key is revoked, or this was done too often.</exception>
    public async Task<AccountSecret> RotateAsync(Guid key, Actor by, CancellationToken cancellationToken) => Of(await _keys.RotateWebhookSecretAsync(key, by, cancellationToken));

    /// <inheritdoc cref="WebhookSecretsOf"/>
    internal IReadOnlyList<WebhookSecret> Signing(Guid account)
    {
        if (_keys.RowOf(account) is not { } row)
            return _secrets.Signing;
        var signing = row.WebhookSalts.At(_time.GetUtcNow());
        // The oldest alone can be from before.
        return [.. signing.Select(salt => _secrets.Of(account, salt.Salt)), .. signing[^1].IsWithInstallation ? _secrets.Signing : []];
    }

    private AccountSecret Of(ApiKey row)
    {
        var signing = row.WebhookSalts.At(_time.GetUtcNow());
        var others = signing.Skip(1).Select(static salt => new OtherSecret(IsOwn: true, salt.Until)).ToList();
        if (signing[^1].IsWithInstallation)
            others.Add(new(IsOwn: false, signing[^1].Until));
        return new(row.Id, _secrets.Of(row.Id, signing[0].Salt).Reveal(), IsOwn: true, others);
    }
}

/// <summary>What an account's webhooks are verified with.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="Secret"><c>whsec_…</c>.</param>
/// <param name="IsOwn">False: it is the installation's, which signs for others too.</param>
/// <param name="Others">What else signs its messages now.</param>
public sealed record AccountSecret(Guid AccountId, string Secret, bool IsOwn, IReadOnlyList<OtherSecret> Others);

/// <param name="IsOwn">One of the account's own that was replaced; false: the installation's.</param>
/// <param name="Until">Null: for as long as the account is not given another secret, or the operator wants it.</param>
public sealed record OtherSecret(bool IsOwn, DateTimeOffset? Until);
