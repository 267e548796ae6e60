using System.ComponentModel;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Hosting;

namespace GenApi.Accounts.Contracts;

[Description("The secret that verifies the webhooks of an account.")]
internal sealed record WebhookSecretContract
{
    private const string Key = "key", Installation = "installation";

    [Description("`key_…`, or a word for an account without a key, as in `GET /accounts/me`.")]
    public required string Account { get; init; }

    [Description("`whsec_` and base64: the form that Standard Webhooks libraries take.")]
    public required string Secret { get; init; }

    [Description("`key`: the secret belongs to this key alone. `installation`: it is shared by all accounts without a key.")]
    [Words("SecretOwner", Key, Installation)]
    public required string SecretOf { get; init; }

    [Description("Other secrets that also sign each message now, so that receivers can switch in their own time.")]
    public required IReadOnlyList<OtherSecretContract> AlsoSignedWith { get; init; }

    public static WebhookSecretContract Of(AccountSecret secret) => new()
    {
        Account = AccountNames.Of(secret.AccountId),
        Secret = secret.Secret,
        SecretOf = Word(secret.IsOwn),
        AlsoSignedWith = [.. secret.Others.Select(other => new OtherSecretContract(Word(other.IsOwn), other.Until?.UtcDateTime))],
    };

    private static string Word(bool isOwn) => isOwn ? Key : Installation;
}

[Description("Another secret that also signs, for a time.")]
internal sealed record OtherSecretContract(
    [property: Description("`key`: a secret that was rotated out. `installation`: the installation's secret.")]
    [property: Words("SecretOwner", "key", "installation")]
    string SecretOf,
    [property: Description("When it stops signing. Null: when the secret is rotated.")] DateTime? Until);
