namespace GenApi.Client;

/// <summary>Who asks, and what it may do.</summary>
public sealed record Account
{
    /// <summary><c>key_…</c>, or a word for callers without a key: <c>open</c>, <c>anonymous</c>, <c>admin-key</c>.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("account")]
    public string Id { get; init; } = "";

    /// <summary>The key's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Some of <c>generate</c>, <c>read</c>, <c>admin</c> and <c>metrics</c>.</summary>
    public IReadOnlyList<string> Rights { get => field ?? []; init; }

    /// <summary>When the key expires; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How fast it may go.</summary>
    public AccountLimits Limits { get => field ?? new(); init; }

    /// <summary><c>replicate</c> or <c>sandbox</c>; each has its own spending.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>What it may spend.</summary>
    public AccountBudgets Budgets { get => field ?? new(); init; }
}

/// <summary>The limits in force; null: none.</summary>
public sealed record AccountLimits
{
    /// <summary>Requests in a minute.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Generations made in a minute; answers from the store do not count.</summary>
    public int? GenerationsPerMinute { get; init; }
}

/// <summary>The budgets in force.</summary>
public sealed record AccountBudgets
{
    /// <summary>For each day (UTC).</summary>
    public AccountBudget Day { get => field ?? new(); init; }

    /// <summary>For each month (UTC).</summary>
    public AccountBudget Month { get => field ?? new(); init; }

    /// <summary>Altogether.</summary>
    public AccountBudget Total { get => field ?? new(); init; }
}

/// <summary>One budget and how it stands, in US dollars.</summary>
public sealed record AccountBudget
{
    /// <summary>Null: no limit.</summary>
    public decimal? LimitUsd { get; init; }

    /// <summary>By generations that have ended.</summary>
    public decimal SpentUsd { get; init; }

    /// <summary>For unfinished generations, at their worst case.</summary>
    public decimal ReservedUsd { get; init; }

    /// <summary>When the next day or month begins; null: never.</summary>
    public DateTimeOffset? ResetsAt { get; init; }
}

/// <summary>What webhooks are verified with.</summary>
public sealed record WebhookSecret
{
    /// <summary>Whose it is, as <see cref="Account.Id"/>.</summary>
    public string Account { get; init; } = "";

    /// <summary><c>whsec_</c> and base64, as <see cref="WebhookVerifier"/> takes it.</summary>
    public string Secret { get; init; } = "";

    /// <summary><c>key</c>: it signs for this key alone. <c>installation</c>: for all accounts without a key.</summary>
    public string SecretOf { get; init; } = "";

    /// <summary>What else signs each message now, while receivers change from one secret to the next.</summary>
    public IReadOnlyList<OtherWebhookSecret> AlsoSignedWith { get => field ?? []; init; }
}

/// <summary>Another secret that signs each message for a while.</summary>
public sealed record OtherWebhookSecret
{
    /// <summary><c>key</c>: one that was rotated away. <c>installation</c>: the installation's.</summary>
    public string SecretOf { get; init; } = "";

    /// <summary>Until when; null: until the secret is rotated.</summary>
    public DateTimeOffset? Until { get; init; }
}
