namespace GenApi.Core.Errors;

/// <summary>A budget, and its amounts when a generation did not fit into it.</summary>
/// <param name="IsOfAll">The budget belongs to the whole installation, not to the caller.</param>
/// <param name="Span"><c>day</c>, <c>month</c> or <c>total</c>.</param>
/// <param name="LimitMicros">The limit, in micro-dollars like all amounts here.</param>
/// <param name="SpentMicros">The cost of ended generations.</param>
/// <param name="ReservedMicros">The worst case of unfinished generations.</param>
/// <param name="PriceMicros">The worst case of the request.</param>
/// <param name="ResetsAt">When the next period begins; null: never.</param>
public sealed record ExhaustedBudget(
    bool IsOfAll, string Span, long LimitMicros, long SpentMicros, long ReservedMicros, long PriceMicros, DateTimeOffset? ResetsAt)
{
    /// <summary>The end user whose budget it is, behind the key; null: it is the key's or that of all.</summary>
    public string? EndUser { get; init; }
}
