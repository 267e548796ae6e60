using System.ComponentModel;
using System.Text.Json.Serialization;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;

namespace GenApi.Hosting.Problems;

[Description("A budget that has no room for the request. Amounts are US dollars in a string.")]
internal sealed record BudgetProblem
{
    [Description("`key`: your own budget. `end_user`: the budget of the end user that the request names. `all`: the budget of the whole "
        + "service.")]
    [Words("BudgetOwner", "key", "end_user", "all")]
    public required string Of { get; init; }

    [Description("The end user. Only if `of` is `end_user`.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EndUser { get; init; }

    [Description("The period.")]
    [Words("BudgetSpan", typeof(BudgetSpan))]
    public required string Span { get; init; }

    [Description("The limit.")]
    public required string LimitUsd { get; init; }

    [Description("Spent by generations that have ended. Null for the budget of the whole service, since others spend it too.")]
    public required string? SpentUsd { get; init; }

    [Description("Reserved for unfinished generations, at their worst case. Null whenever `spent_usd` is.")]
    public required string? ReservedUsd { get; init; }

    [Description("The worst case of this request.")]
    public required string PriceUsd { get; init; }

    [Description("When the next day or month begins (UTC). Null for `total`.")]
    public required DateTime? ResetsAt { get; init; }

    public static BudgetProblem From(ExhaustedBudget budget) => new()
    {
        Of = budget.IsOfAll ? "all" : budget.EndUser is null ? "key" : "end_user",
        EndUser = budget.EndUser,
        Span = budget.Span,
        LimitUsd = MicroDollars.ToText(budget.LimitMicros),
        SpentUsd = budget.IsOfAll ? null : MicroDollars.ToText(budget.SpentMicros),
        ReservedUsd = budget.IsOfAll ? null : MicroDollars.ToText(budget.ReservedMicros),
        PriceUsd = MicroDollars.ToText(budget.PriceMicros),
        ResetsAt = budget.ResetsAt?.UtcDateTime,
    };
}
