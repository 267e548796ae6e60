using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Accounts.Contracts;

[Description("An API key. Its secret is shown once, when the key is made or rotated.")]
internal sealed record KeyContract
{
    [Description("`key_` and 26 characters.")]
    public required string Id { get; init; }

    [Description("For people.")]
    public required string Name { get; init; }

    [Description("The first characters of the secret, to tell keys apart.")]
    public required string Prefix { get; init; }

    [Description("`generate`: make, cancel and delete. `read`: read. `admin`: all of this, and manage keys. `metrics`: `GET /metrics` "
        + "only.")]
    [Words("KeyRight", typeof(KeyRights))]
    public required IReadOnlyList<string> Rights { get; init; }

    [Description("When the key was made.")]
    public required DateTime CreatedAt { get; init; }

    [Description("When the key expires. Null: never.")]
    public required DateTime? ExpiresAt { get; init; }

    [Description("When the key was revoked. Null: it was not.")]
    public required DateTime? RevokedAt { get; init; }

    [Description("To the second. Null: never.")]
    public required DateTime? LastUsedAt { get; init; }

    [Description("Requests per minute. 0: no limit. Null: the service's setting (`Accounts:RequestsPerMinute`) applies.")]
    public required int? RequestsPerMinute { get; init; }

    [Description("Generations per minute, not counting answers from the store and shared runs. 0: no limit. Null: the service's setting "
        + "(`Accounts:GenerationsPerMinute`) applies.")]
    public required int? GenerationsPerMinute { get; init; }

    [Description("What the key may spend, and what it has spent at the upstream in use.")]
    public required BudgetsContract Budgets { get; init; }

    [Description("What each end user of the key may spend; see `user` of `POST /generate`.")]
    public required EndUserBudgetsContract EndUserBudgets { get; init; }

    [Description("The secret that callers send. Only in the answer that made it: it can't be shown again.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    public static KeyContract Of(ApiKey key, DateTimeOffset? lastUsedAt, IEnumerable<BudgetState> budgets, string? secret = null) => new()
    {
        Id = PublicId.Format(PublicId.Key, key.Id),
        Name = key.Name,
        Prefix = key.Prefix,
        Rights = key.Rights.Words(),
        CreatedAt = key.CreatedAt.UtcDateTime,
        ExpiresAt = key.ExpiresAt?.UtcDateTime,
        RevokedAt = key.RevokedAt?.UtcDateTime,
        LastUsedAt = lastUsedAt?.UtcDateTime,
        RequestsPerMinute = key.RequestsPerMinute,
        GenerationsPerMinute = key.GenerationsPerMinute,
        Budgets = BudgetsContract.Of(budgets),
        EndUserBudgets = EndUserBudgetsContract.Of(key.EndUserBudgets),
        Secret = secret,
    };
}

/// <summary>The body of POST and PATCH; <see cref="KeyRequestReader"/> takes its members from here.</summary>
[Description("The settings of a key. In a PATCH, an absent member stays unchanged.")]
internal sealed record KeyRequest
{
    [Description("For people, in one line. Required to make a key.")]
    [MinLength(1), MaxLength(KeyTerms.LongestName)]
    public string? Name { get; init; }

    [Description("At least one. Absent in a POST: `generate` and `read`.")]
    [Words("KeyRight", typeof(KeyRights))]
    public IReadOnlyList<string>? Rights { get; init; }

    [Description("RFC 3339, in the future. Null or absent: never.")]
    public DateTime? ExpiresAt { get; init; }

    [Description("Requests per minute. 0: no limit. Null or absent: the service's setting applies.")]
    [Range(0, KeyTerms.MostPerMinute)]
    public int? RequestsPerMinute { get; init; }

    [Description("Generations per minute; likewise.")]
    [Range(0, KeyTerms.MostPerMinute)]
    public int? GenerationsPerMinute { get; init; }

    [Description("Spending limits. Null or absent: no separate limits. In a PATCH, an absent period stays unchanged; null removes all "
        + "limits.")]
    public BudgetsRequest? Budgets { get; init; }

    [Description("Spending limits of each end user of the key; the same form. The operator's defaults do not apply to end users.")]
    public BudgetsRequest? EndUserBudgets { get; init; }
}
