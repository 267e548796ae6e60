namespace GenApi.Core.Accounts.Budgets;

/// <summary>The state of one budget.</summary>
/// <param name="IsOfAll">Whether it is the budget of the whole installation.</param>
/// <param name="Span">The span it covers.</param>
/// <param name="LimitMicros">Null: there is none.</param>
/// <param name="SpentMicros">The cost of everything that has ended.</param>
/// <param name="ReservedMicros">The worst case of everything unfinished.</param>
/// <param name="ResetsAt">When the next period begins; null: never.</param>
public sealed record BudgetState(
    bool IsOfAll, BudgetSpan Span, long? LimitMicros, long SpentMicros, long ReservedMicros, DateTimeOffset? ResetsAt)
{
    /// <summary>The end user whose budget it is, behind the account; null: it is the account's, or that of all.</summary>
    public string? EndUser { get; init; }

    /// <summary>
    /// The most that the worst case of a further generation may be; negative if the limit was lowered below what is spent. Null: there is
    /// no limit.
    /// </summary>
    public long? LeftMicros => LimitMicros - SpentMicros - ReservedMicros;
}
