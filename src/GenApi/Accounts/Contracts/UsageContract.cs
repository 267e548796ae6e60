using System.ComponentModel;
using System.Text.Json.Serialization;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Accounts.Contracts;

[Description("Usage and cost, by group and in total.")]
internal sealed record UsageContract
{
    [Description("Start, inclusive.")]
    public required DateTime From { get; init; }

    [Description("End, exclusive.")]
    public required DateTime To { get; init; }

    [Description("What a row of `data` stands for.")]
    [Words("UsageGrouping", typeof(UsageGrouping))]
    public required string GroupBy { get; init; }

    [Description("`replicate` or `sandbox`. Sandbox amounts are never added to real spending.")]
    [UpstreamWords]
    public required string Upstream { get; init; }

    [Description("One row per group. Groups without usage are left out.")]
    public required IReadOnlyList<UsageRowContract> Data { get; init; }

    [Description("Sums over all rows.")]
    public required UsageSumsContract Totals { get; init; }

    public static UsageContract Of(UsageQuery query, UsageReport report) => new()
    {
        From = query.From.UtcDateTime,
        To = query.To.UtcDateTime,
        GroupBy = UsageQueryReader.Word(query.By),
        Upstream = query.Upstream,
        Data = [.. report.Rows.Select(row => UsageRowContract.Of(row))],
        Totals = UsageSumsContract.Of(report.Totals),
    };
}

[Description("Sums over runs and requests.")]
internal record UsageSumsContract
{
    [Description("Generations that ended in the period, whatever the outcome.")]
    public long Runs { get; init; }

    [Description("Images that these generations made.")]
    public long Images { get; init; }

    [Description("Requests answered from the store.")]
    public long Hits { get; init; }

    [Description("Requests answered by a run that was already in progress.")]
    public long Joined { get; init; }

    [Description("What hits and joined requests would have cost, in US dollars: for a hit the cost of its answer, for a joined request "
        + "the usual cost of such a run.")]
    public required string SavedUsd { get; init; }

    [Description("How long the models ran, as measured upstream.")]
    public decimal PredictSeconds { get; init; }

    [Description("What the runs cost, in US dollars.")]
    public required string CostUsd { get; init; }

    [Description("Runs of models without a known price. Their cost is not in `cost_usd`.")]
    public long UnpricedRuns { get; init; }

    public static UsageSumsContract Of(UsageSums sums) => new()
    {
        Runs = sums.Runs,
        Images = sums.Images,
        Hits = sums.Hits,
        Joined = sums.Joined,
        SavedUsd = MicroDollars.ToText(sums.SavedMicros),
        PredictSeconds = sums.PredictMilliseconds / 1000m,
        CostUsd = MicroDollars.ToText(sums.CostMicros),
        UnpricedRuns = sums.Unpriced,
    };
}

[Description("The sums of one group.")]
internal sealed record UsageRowContract : UsageSumsContract
{
    [Description("A day (`2026-01-31`), a model, a status (`succeeded`, `failed`, `canceled`; `hit` and `joined` for requests that made "
        + "no run), a key (its id, or a word for an account without a key), or an end user, empty for requests that named none.")]
    public required string Group { get; init; }

    [Description("The name of the key or end user, if it is known. Null for other groups.")]
    public required string? Name { get; init; }

    [Description("The email address of the end user. Absent if it is not known, and for other groups.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Email { get; init; }

    public static UsageRowContract Of(UsageRow row)
    {
        var sums = UsageSumsContract.Of(row.Sums);
        return new()
        {
            Group = row.Group,
            Name = row.Name,
            Email = row.Email,
            Runs = sums.Runs,
            Images = sums.Images,
            Hits = sums.Hits,
            Joined = sums.Joined,
            SavedUsd = sums.SavedUsd,
            PredictSeconds = sums.PredictSeconds,
            CostUsd = sums.CostUsd,
            UnpricedRuns = sums.UnpricedRuns,
        };
    }
}
