using GenApi.Core.Accounts.Audit;
using GenApi.Core.Errors;
using GenApi.Core.Webhooks;

namespace GenApi.Core.Accounts.Keys;

/// <summary>
/// Returns the secrets that sign the webhooks of an account. A key has its own, derived from the file <see cref="WebhookSecrets.RootFile"/>
/// and its row. Accounts without a key (open access, anonymous callers, the key of the settings) use the installation's.
/// </summary>
public sealed class AccountSecrets
{
    private readonly ApiKeys _keys;
    private readonly WebhookSecrets _secrets;
    private readonly TimeProvider _time;

    public AccountSecrets(ApiKeys keys, WebhookSecrets secrets, TimeProvider time) =>
        (_keys, _secrets, _time) = (keys, secrets, time);

    /// <summary>
    /// True if the secrets of keys have changed because the root file was lost: this start made a new one, although keys with derived
    /// secrets were already in use. Known once the service has started.
    /// </summary>
    public bool HaveChanged =>
        _secrets.IsRootNew && _keys.List().Any(each => each.LastUsedAt is not null && !each.Key.WebhookSalts.IsLegacy);

    /// <summary>Returns the caller's own secret, or the installation's for a caller without one that sees everything.</summary>
    /// <exception cref="GenApiException">
    /// Forbidden: the caller shares the installation's secret with everyone else without a key.
    /// </exception>
    public AccountSecret Get(Caller caller)
    {
        if (_keys.RowOf(caller.AccountId) is { } row)
            return Of(row);
        if (!caller.SeesAll)
        {
            throw new GenApiException(ErrorKind.Forbidden, "Webhooks of callers without an API key are signed with the installation's "
                + "secret. Ask the operator for it.");
        }
        var earlier = _secrets.Signing.Skip(1).Select(static _ => new OtherSecret(IsOwn: false, Until: null));
        return new(caller.AccountId, _secrets.Signing[0].Reveal(), IsOwn: false, [.. earlier]);
    }

    /// <summary>Rotates the caller's secret.</summary>
    /// <exception cref="GenApiException">
    /// Forbidden as for <see cref="Get"/>; Conflict: the caller does not have its own secret, or rotated it too often.
    /// </exception>
    public Task<AccountSecret> RotateAsync(Caller caller, Actor by, CancellationToken cancellationToken) => Get(caller).IsOwn
        ? RotateAsync(caller.AccountId, by, cancellationToken)
        : throw new GenApiException(ErrorKind.Conflict, "Only API keys that were made here have their own secret. "
            + "Change the installation's secret with the setting Webhooks:SigningSecret.");

    /// <summary>Rotates a key's secret; earlier ones keep signing for <see cref="WebhookSalts.Grace"/>.</summary>
    /// <exception cref="GenApiException">NotFound; Conflict: the key is revoked, or its secret was rotated too often.</exception>
    public async Task<AccountSecret> RotateAsync(Guid key, Actor by, CancellationToken cancellationToken) =>
        Of(await _keys.RotateWebhookSecretAsync(key, by, cancellationToken));

    /// <inheritdoc cref="WebhookSecretsOf"/>
    internal IReadOnlyList<WebhookSecret> Signing(Guid account)
    {
        if (_keys.RowOf(account) is not { } row)
            return _secrets.Signing;
        var signing = row.WebhookSalts.At(_time.GetUtcNow());
        // Only the oldest salt can be the legacy one.
        var shared = signing[^1].SharesInstallationSecret ? _secrets.Signing : [];
        return [.. signing.Select(salt => _secrets.Of(account, salt.Salt)), .. shared];
    }

    private AccountSecret Of(ApiKey row)
    {
        var signing = row.WebhookSalts.At(_time.GetUtcNow());
        var others = signing.Skip(1).Select(static salt => new OtherSecret(IsOwn: true, salt.Until)).ToList();
        if (signing[^1].SharesInstallationSecret)
            others.Add(new(IsOwn: false, signing[^1].Until));
        return new(row.Id, _secrets.Of(row.Id, signing[0].Salt).Reveal(), IsOwn: true, others);
    }
}

/// <summary>The secrets that verify an account's webhooks.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Secret"><c>whsec_…</c>.</param>
/// <param name="IsOwn">False: it is the installation's, which also signs for others.</param>
/// <param name="Others">Other secrets that sign its messages now.</param>
public sealed record AccountSecret(Guid AccountId, string Secret, bool IsOwn, IReadOnlyList<OtherSecret> Others);

/// <param name="IsOwn">True: a replaced secret of the account; false: the installation's.</param>
/// <param name="Until">When it stops signing; null: it signs until the account's secret is rotated or the operator changes it.</param>
public sealed record OtherSecret(bool IsOwn, DateTimeOffset? Until);
