namespace GenApi.Core.Errors;

/// <summary>A budget and how it stood when something did not fit into it.</summary>
/// <param name="IsOfAll">It is that of the whole installation, not the caller's own.</param>
/// <param name="Span"><c>day</c>, <c>month</c> or <c>total</c>.</param>
/// <param name="LimitMicros">In micro-dollars, as are the others.</param>
/// <param name="SpentMicros">By what has ended.</param>
/// <param name="ReservedMicros">For what is unfinished, at its worst case.</param>
/// <param name="PriceMicros">The worst case of what was asked for.</param>
/// <param name="ResetsAt">When the next period begins; null: never.</param>
public sealed record ExhaustedBudget(bool IsOfAll, string Span, long LimitMicros, long SpentMicros, long ReservedMicros, long PriceMicros, DateTimeOffset? ResetsAt);
