namespace GenApi.Client;

/// <summary>Selects the usage to sum.</summary>
public sealed record UsageQuery
{
    /// <summary>The beginning, inclusive; null: the first of this month.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The end, exclusive; null: the end of the month.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary><c>day</c> (null), <c>model</c>, <c>key</c>, <c>status</c> or <c>end_user</c>.</summary>
    public string? GroupBy { get; init; }

    /// <summary>Only this account, such as <c>key_…</c>.</summary>
    public string? Key { get; init; }

    /// <summary>Only requests made for this person: <see cref="GenerateRequest.User"/>.</summary>
    public string? EndUser { get; init; }

    /// <summary><c>replicate</c> or <c>sandbox</c>; null: the one in use.</summary>
    public string? Upstream { get; init; }

    internal string Path => Route.Query(
        "usage",
        ("from", Route.Time(From)),
        ("to", Route.Time(To)),
        ("group_by", GroupBy),
        ("key", Key),
        ("end_user", EndUser),
        ("upstream", Upstream));
}

/// <summary>A usage report: the sums and costs, by group and in total.</summary>
public sealed record Usage
{
    /// <summary>The beginning, inclusive.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>The end, exclusive.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>The kind of the groups.</summary>
    public string GroupBy { get; init; } = "";

    /// <summary><c>replicate</c> or <c>sandbox</c>.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>The groups; those without any use are left out.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("data")]
    public IReadOnlyList<UsageGroup> Groups { get => field ?? []; init; }

    /// <summary>The sums of all groups.</summary>
    public UsageSums Totals { get => field ?? new(); init; }
}

/// <summary>Sums of usage. Amounts are US dollars.</summary>
public record UsageSums
{
    /// <summary>Generations that ended: succeeded, failed or canceled.</summary>
    public long Runs { get; init; }

    /// <summary>Images that they made.</summary>
    public long Images { get; init; }

    /// <summary>Requests that were answered from the store.</summary>
    public long Hits { get; init; }

    /// <summary>Requests that joined a run in progress.</summary>
    public long Joined { get; init; }

    /// <summary>The saved cost of hits and joined requests.</summary>
    public decimal SavedUsd { get; init; }

    /// <summary>The run time of models.</summary>
    public decimal PredictSeconds { get; init; }

    /// <summary>The cost of the runs.</summary>
    public decimal CostUsd { get; init; }

    /// <summary>Runs of models without a known price, whose cost is not in <see cref="CostUsd"/>.</summary>
    public long UnpricedRuns { get; init; }
}

/// <summary>The sums of one group.</summary>
public sealed record UsageGroup : UsageSums
{
    /// <summary>A day, a model, a key, a status or an end user; empty for requests that named no end user.</summary>
    public string Group { get; init; } = "";

    /// <summary>The name of the key or end user, if it is known; null for everything else.</summary>
    public string? Name { get; init; }

    /// <summary>The email address of the end user, if it is known; null for everything else.</summary>
    public string? Email { get; init; }
}
