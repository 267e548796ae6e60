using System.ComponentModel;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Persistence;

namespace GenApi.Accounts.Contracts;

[Description("What an account may spend, and how it stands. US dollars, UTC.")]
internal sealed record BudgetsContract
{
    public required BudgetContract Day { get; init; }

    public required BudgetContract Month { get; init; }

    [Description("Altogether.")]
    public required BudgetContract Total { get; init; }

    /// <param name="states">The states of the account and of the whole installation.</param>
    /// <param name="ofAll">Whether to use the installation's.</param>
    public static BudgetsContract Of(IEnumerable<BudgetState> states, bool ofAll)
    {
        var bySpan = states.Where(each => each.IsOfAll == ofAll).ToDictionary(each => each.Span, BudgetContract.Of);
        return new() { Day = bySpan[BudgetSpan.Day], Month = bySpan[BudgetSpan.Month], Total = bySpan[BudgetSpan.Total] };
    }
}

[Description("A budget for one span, and how it stands.")]
internal sealed record BudgetContract
{
    [Description("Null: no limit.")]
    public required string? LimitUsd { get; init; }

    [Description("By generations that have ended, at their cost.")]
    public required string SpentUsd { get; init; }

    [Description("For unfinished generations, at their worst case.")]
    public required string ReservedUsd { get; init; }

    [Description("When the next day or month begins; null: never.")]
    public required DateTime? ResetsAt { get; init; }

    public static BudgetContract Of(BudgetState state) => new()
    {
        LimitUsd = state.LimitMicros is { } limit ? MicroDollars.ToText(limit) : null,
        SpentUsd = MicroDollars.ToText(state.SpentMicros),
        ReservedUsd = MicroDollars.ToText(state.ReservedMicros),
        ResetsAt = state.ResetsAt?.UtcDateTime,
    };
}

/// <summary>The budgets in a request.</summary>
[Description("US dollars to spend; null: no limit of its own, so the operator's default holds where there is one.")]
internal sealed record BudgetsRequest
{
    [Description("For each day, UTC.")]
    public string? Day { get; init; }

    [Description("For each month, UTC.")]
    public string? Month { get; init; }

    [Description("Altogether.")]
    public string? Total { get; init; }
}
