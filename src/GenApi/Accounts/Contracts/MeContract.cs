using System.ComponentModel;
using System.Text.Json.Serialization;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Accounts.Contracts;

[Description("The caller's account, and what it may do.")]
internal sealed record MeContract
{
    [Description("`key_…`, or a word for an account without a key: `open`, `anonymous`, `admin-key`. `GET /usage` takes it as `key`.")]
    public required string Account { get; init; }

    [Description("The key's name, or a word for callers without a key.")]
    public required string Name { get; init; }

    [Description("The rights of the caller.")]
    [Words("KeyRight", typeof(KeyRights))]
    public required IReadOnlyList<string> Rights { get; init; }

    [Description("When the key expires. Null: never, or no key.")]
    public required DateTime? ExpiresAt { get; init; }

    [Description("Rate limits in force.")]
    public required LimitsContract Limits { get; init; }

    [Description("The upstream in use: `replicate` or `sandbox`. Each has its own spending, under the same limits.")]
    [UpstreamWords]
    public required string Upstream { get; init; }

    [Description("Budgets in force, and what is spent.")]
    public required BudgetsContract Budgets { get; init; }

    [Description("The limits of all accounts together, with what these have spent. Absent without the right `admin`.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ServiceBudgetContract>? ServiceBudgets { get; init; }

    public static MeContract Of(Caller caller, ApiKey? key, string upstream, IReadOnlyList<BudgetState> budgets) => new()
    {
        Account = AccountNames.Of(caller.AccountId),
        Name = caller.Name,
        Rights = caller.Rights.Words(),
        ExpiresAt = key?.ExpiresAt?.UtcDateTime,
        Limits = new(PerMinute(caller, "requests"), PerMinute(caller, "generations")),
        Upstream = upstream,
        Budgets = BudgetsContract.Of(budgets),
        ServiceBudgets = caller.SeesAll ? [.. budgets.Where(state => state.IsOfAll).Select(ServiceBudgetContract.Of)] : null,
    };

    private static int? PerMinute(Caller caller, string name)
    {
        foreach (var limit in caller.Limits.Standing())
        {
            if (limit.Name == name)
                return limit.PerMinute;
        }
        return null;
    }
}

[Description("Rate limits in force for this caller. Null: no limit.")]
internal sealed record LimitsContract(
    [property: Description("Requests per minute.")] int? RequestsPerMinute,
    [property: Description("Generations per minute.")] int? GenerationsPerMinute);

[Description("A limit of all accounts together, for one period. US dollars; periods in UTC.")]
internal sealed record ServiceBudgetContract
{
    [Description("The period.")]
    [Words("BudgetSpan", typeof(BudgetSpan))]
    public required string Span { get; init; }

    [Description("The limit.")]
    public required string LimitUsd { get; init; }

    [Description("Spent by generations that have ended, at their cost.")]
    public required string SpentUsd { get; init; }

    [Description("Reserved for unfinished generations, at their worst case.")]
    public required string ReservedUsd { get; init; }

    [Description("When the next day or month begins. Null for `total`.")]
    public required DateTime? ResetsAt { get; init; }

    public static ServiceBudgetContract Of(BudgetState state) => new()
    {
        Span = state.Span.Word(),
        LimitUsd = MicroDollars.ToText(state.LimitMicros!.Value),
        SpentUsd = MicroDollars.ToText(state.SpentMicros),
        ReservedUsd = MicroDollars.ToText(state.ReservedMicros),
        ResetsAt = state.ResetsAt?.UtcDateTime,
    };
}
