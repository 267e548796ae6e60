namespace GenApi.Client;

/// <summary>The caller and its permissions.</summary>
public sealed record Account
{
    /// <summary><c>key_…</c>, or a word for callers without a key: <c>open</c>, <c>anonymous</c>, <c>admin-key</c>.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("account")]
    public string Id { get; init; } = "";

    /// <summary>The key's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The rights, from <c>generate</c>, <c>read</c>, <c>admin</c> and <c>metrics</c>.</summary>
    public IReadOnlyList<string> Rights { get => field ?? []; init; }

    /// <summary>The time at which the key expires; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The rate limits.</summary>
    public AccountLimits Limits { get => field ?? new(); init; }

    /// <summary><c>replicate</c> or <c>sandbox</c>; each has its own spending.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>The budgets.</summary>
    public AccountBudgets Budgets { get => field ?? new(); init; }

    /// <summary>The limits of all accounts together, with what these have spent; null without the right <c>admin</c>.</summary>
    public IReadOnlyList<ServiceBudget>? ServiceBudgets { get; init; }
}

/// <summary>A limit of all accounts together, in US dollars.</summary>
public sealed record ServiceBudget
{
    /// <summary><c>day</c>, <c>month</c> or <c>total</c>.</summary>
    public string Span { get; init; } = "";

    /// <summary>The limit.</summary>
    public decimal LimitUsd { get; init; }

    /// <summary>The amount spent by generations that have ended.</summary>
    public decimal SpentUsd { get; init; }

    /// <summary>The amount reserved for unfinished generations, at their worst case.</summary>
    public decimal ReservedUsd { get; init; }

    /// <summary>The time at which the next day or month begins; null: never.</summary>
    public DateTimeOffset? ResetsAt { get; init; }
}

/// <summary>The rate limits in force; null: no limit.</summary>
public sealed record AccountLimits
{
    /// <summary>Requests per minute.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Generations made per minute; answers from the store do not count.</summary>
    public int? GenerationsPerMinute { get; init; }
}

/// <summary>The budgets in force.</summary>
public sealed record AccountBudgets
{
    /// <summary>The budget of a day (UTC).</summary>
    public AccountBudget Day { get => field ?? new(); init; }

    /// <summary>The budget of a month (UTC).</summary>
    public AccountBudget Month { get => field ?? new(); init; }

    /// <summary>The total.</summary>
    public AccountBudget Total { get => field ?? new(); init; }
}

/// <summary>One budget and its state, in US dollars.</summary>
public sealed record AccountBudget
{
    /// <summary>The limit; null: none.</summary>
    public decimal? LimitUsd { get; init; }

    /// <summary>The amount spent by generations that have ended.</summary>
    public decimal SpentUsd { get; init; }

    /// <summary>The amount reserved for unfinished generations, at their worst case.</summary>
    public decimal ReservedUsd { get; init; }

    /// <summary>The time at which the next day or month begins; null: never.</summary>
    public DateTimeOffset? ResetsAt { get; init; }
}

/// <summary>The secret that verifies webhooks.</summary>
public sealed record WebhookSecret
{
    /// <summary>The owner, as <see cref="Account.Id"/>.</summary>
    public string Account { get; init; } = "";

    /// <summary><c>whsec_</c> and base64, in the form that <see cref="WebhookVerifier"/> accepts.</summary>
    public string Secret { get; init; } = "";

    /// <summary><c>key</c>: it signs only for this key. <c>installation</c>: it signs for all accounts without a key.</summary>
    public string SecretOf { get; init; } = "";

    /// <summary>The other secrets that sign each message while receivers change to a new secret.</summary>
    public IReadOnlyList<OtherWebhookSecret> AlsoSignedWith { get => field ?? []; init; }
}

/// <summary>Another secret that signs each message for a while.</summary>
public sealed record OtherWebhookSecret
{
    /// <summary><c>key</c>: an earlier secret of the key. <c>installation</c>: the installation's.</summary>
    public string SecretOf { get; init; } = "";

    /// <summary>The time until which it signs; null: until the secret is rotated.</summary>
    public DateTimeOffset? Until { get; init; }
}
