using System.ComponentModel;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;

namespace GenApi.Hosting.Problems;

[Description("A budget that has no room for what was asked. Amounts are US dollars in a string.")]
internal sealed record BudgetProblem
{
    [Description("`key`: the caller's own. `all`: that of the whole service.")]
    [Words("BudgetOwner", "key", "all")]
    public required string Of { get; init; }

    [Description("What it is for.")]
    [Words("BudgetSpan", typeof(BudgetSpan))]
    public required string Span { get; init; }

    public required string LimitUsd { get; init; }

    [Description("By what has ended. Null for the budget of the whole service, since others spend it too.")]
    public required string? SpentUsd { get; init; }

    [Description("For what is unfinished, at its worst case. Null as `spent_usd` is.")]
    public required string? ReservedUsd { get; init; }

    [Description("The worst case of what was asked for.")]
    public required string PriceUsd { get; init; }

    [Description("When the next day or month begins (UTC); null: never.")]
    public required DateTime? ResetsAt { get; init; }

    public static BudgetProblem From(ExhaustedBudget budget) => new()
    {
        Of = budget.IsOfAll ? "all" : "key",
        Span = budget.Span,
        LimitUsd = MicroDollars.ToText(budget.LimitMicros),
        SpentUsd = budget.IsOfAll ? null : MicroDollars.ToText(budget.SpentMicros),
        ReservedUsd = budget.IsOfAll ? null : MicroDollars.ToText(budget.ReservedMicros),
        PriceUsd = MicroDollars.ToText(budget.PriceMicros),
        ResetsAt = budget.ResetsAt?.UtcDateTime,
    };
}
