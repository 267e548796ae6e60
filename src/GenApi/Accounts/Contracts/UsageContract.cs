using System.ComponentModel;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Accounts.Contracts;

[Description("What was used and what it cost, in groups and altogether.")]
internal sealed record UsageContract
{
    [Description("Inclusive.")]
    public required DateTime From { get; init; }

    [Description("Exclusive.")]
    public required DateTime To { get; init; }

    [Description("What a row of `data` stands for.")]
    [Words("UsageGrouping", typeof(UsageGrouping))]
    public required string GroupBy { get; init; }

    [Description("`replicate` or `sandbox`: what the sandbox would have cost is never added to what was spent.")]
    [UpstreamWords]
    public required string Upstream { get; init; }

    [Description("A group without any use is left out.")]
    public required IReadOnlyList<UsageRowContract> Data { get; init; }

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
    [Description("Generations that ended, whatever their end.")]
    public long Runs { get; init; }

    [Description("Images that they made.")]
    public long Images { get; init; }

    [Description("Requests that were answered from the store.")]
    public long Hits { get; init; }

    [Description("Requests that joined a run which was under way.")]
    public long Joined { get; init; }

    [Description("What hits and joined requests would have cost as runs: US dollars.")]
    public required string SavedUsd { get; init; }

    [Description("How long models ran, as the upstream measured.")]
    public decimal PredictSeconds { get; init; }

    [Description("US dollars.")]
    public required string CostUsd { get; init; }

    [Description("Runs of models without a known price, whose cost is not in `cost_usd`.")]
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
    [Description("A day (`2026-01-31`), a model, a status (`succeeded`, `failed`, `canceled`; `hit` and `joined` for what made no run), or a key: its id, or a word for an account without a key.")]
    public required string Group { get; init; }

    [Description("The key's own name; null for everything else.")]
    public required string? Name { get; init; }

    public static UsageRowContract Of(UsageRow row)
    {
        var sums = UsageSumsContract.Of(row.Sums);
        return new()
        {
            Group = row.Group,
            Name = row.Name,
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
