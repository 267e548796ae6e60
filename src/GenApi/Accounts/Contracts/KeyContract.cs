using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Accounts.Contracts;

[Description("An API key. Its secret is told once, when it is made or rotated.")]
internal sealed record KeyContract
{
    [Description("`key_` and 26 characters.")]
    public required string Id { get; init; }

    public required string Name { get; init; }

    [Description("The first characters of the secret, to tell keys apart by.")]
    public required string Prefix { get; init; }

    [Description("`generate`: make, cancel and delete. `read`: look. `admin`: all of this, and the keys themselves. `metrics`: `GET /metrics`.")]
    [Words("KeyRight", typeof(KeyRights))]
    public required IReadOnlyList<string> Rights { get; init; }

    public required DateTime CreatedAt { get; init; }

    [Description("From then on it is refused; null: never.")]
    public required DateTime? ExpiresAt { get; init; }

    public required DateTime? RevokedAt { get; init; }

    [Description("To the second; null: never.")]
    public required DateTime? LastUsedAt { get; init; }

    [Description("Requests a minute; 0: no limit; null: as the service's settings say (`Accounts:RequestsPerMinute`).")]
    public required int? RequestsPerMinute { get; init; }

    [Description("Generations made a minute, not counting answers from the store and joined runs; 0: no limit; null: as `Accounts:GenerationsPerMinute` says.")]
    public required int? GenerationsPerMinute { get; init; }

    [Description("What it may spend, and how it stands at the upstream in use.")]
    public required BudgetsContract Budgets { get; init; }

    [Description("What callers send. Only in the answer that made it: nobody can tell it again.")]
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
        Budgets = BudgetsContract.Of(budgets, ofAll: false),
        Secret = secret,
    };
}

/// <summary>The body of POST and PATCH in the documentation; <see cref="KeyRequestReader"/> reads it.</summary>
[Description("What an administrator decides of a key. In a PATCH, what is absent stays as it is.")]
internal sealed record KeyRequest
{
    [Description("For people; 1 to 100 characters. Required to make a key.")]
    [MinLength(1), MaxLength(KeyTerms.LongestName)]
    public string? Name { get; init; }

    [Description("Absent in a POST: `generate` and `read`.")]
    [Words("KeyRight", typeof(KeyRights))]
    public IReadOnlyList<string>? Rights { get; init; }

    [Description("RFC 3339, in the future; null: never.")]
    public DateTime? ExpiresAt { get; init; }

    [Description("Requests a minute; 0: no limit; null or absent: as the service's settings say.")]
    [Range(0, KeyTerms.MostPerMinute)]
    public int? RequestsPerMinute { get; init; }

    [Description("Generations made a minute; the same.")]
    [Range(0, KeyTerms.MostPerMinute)]
    public int? GenerationsPerMinute { get; init; }

    [Description("In a PATCH, a span that is absent stays as it is; null for all of it takes every limit away.")]
    public BudgetsRequest? Budgets { get; init; }
}
