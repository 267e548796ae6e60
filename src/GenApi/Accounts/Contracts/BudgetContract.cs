using System.ComponentModel;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Persistence;

namespace GenApi.Accounts.Contracts;

[Description("What an account may spend, and what it has spent. US dollars; periods in UTC.")]
internal sealed record BudgetsContract
{
    [Description("Today.")]
    public required BudgetContract Day { get; init; }

    [Description("This month.")]
    public required BudgetContract Month { get; init; }

    [Description("Since the beginning.")]
    public required BudgetContract Total { get; init; }

    /// <summary>Takes the budgets of the account, and neither those of an end user nor those of the whole installation.</summary>
    public static BudgetsContract Of(IEnumerable<BudgetState> states)
    {
        var bySpan = states.Where(each => !each.IsOfAll && each.EndUser is null).ToDictionary(each => each.Span, BudgetContract.Of);
        return new() { Day = bySpan[BudgetSpan.Day], Month = bySpan[BudgetSpan.Month], Total = bySpan[BudgetSpan.Total] };
    }
}

[Description("A budget for one period, and its figures.")]
internal sealed record BudgetContract
{
    [Description("The limit in force. Null: none.")]
    public required string? LimitUsd { get; init; }

    [Description("Spent by generations that have ended, at their cost.")]
    public required string SpentUsd { get; init; }

    [Description("Reserved for unfinished generations, at their worst case.")]
    public required string ReservedUsd { get; init; }

    [Description("When the next day or month begins. Null for `total`.")]
    public required DateTime? ResetsAt { get; init; }

    public static BudgetContract Of(BudgetState state) => new()
    {
        LimitUsd = state.LimitMicros is { } limit ? MicroDollars.ToText(limit) : null,
        SpentUsd = MicroDollars.ToText(state.SpentMicros),
        ReservedUsd = MicroDollars.ToText(state.ReservedMicros),
        ResetsAt = state.ResetsAt?.UtcDateTime,
    };
}

[Description("What each end user of a key may spend. US dollars; periods in UTC.")]
internal sealed record EndUserBudgetsContract
{
    [Description("Per day. Null: no limit.")]
    public required string? Day { get; init; }

    [Description("Per month. Null: no limit.")]
    public required string? Month { get; init; }

    [Description("In total. Null: no limit.")]
    public required string? Total { get; init; }

    public static EndUserBudgetsContract Of(BudgetLimits limits) => new()
    {
        Day = Text(limits.DayMicros),
        Month = Text(limits.MonthMicros),
        Total = Text(limits.TotalMicros),
    };

    private static string? Text(long? micros) => micros is { } limit ? MicroDollars.ToText(limit) : null;
}

/// <summary>The same in a request.</summary>
[Description("Spending limits in US dollars: a string or a number from 0 with at most six decimals. Null: no separate limit, so the "
    + "operator's default applies if there is one.")]
internal sealed record BudgetsRequest
{
    [Description("Per day (UTC).")]
    public string? Day { get; init; }

    [Description("Per month (UTC).")]
    public string? Month { get; init; }

    [Description("In total.")]
    public string? Total { get; init; }
}
