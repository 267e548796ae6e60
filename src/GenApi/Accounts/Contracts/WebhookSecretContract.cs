using System.ComponentModel;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Hosting;

namespace GenApi.Accounts.Contracts;

[Description("What webhooks of an account are verified with.")]
internal sealed record WebhookSecretContract
{
    private const string Key = "key", Installation = "installation";

    [Description("`key_…`, or a word for an account without a key, as `GET /accounts/me` has it.")]
    public required string Account { get; init; }

    [Description("`whsec_` and base64, as libraries of Standard Webhooks take it.")]
    public required string Secret { get; init; }

    [Description("`key`: nobody else's messages are signed with it. `installation`: it signs for all accounts without a key.")]
    [Words("SecretOwner", Key, Installation)]
    public required string SecretOf { get; init; }

    [Description("What else signs each message now, so that receivers may change in their own time.")]
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

[Description("Another secret that signs too, for a time.")]
internal sealed record OtherSecretContract(
    [property: Description("`key`: one that was rotated away. `installation`: the installation's.")]
    [property: Words("SecretOwner", "key", "installation")]
    string SecretOf,
    [property: Description("From then on no more; null: until the secret is rotated.")] DateTime? Until);
