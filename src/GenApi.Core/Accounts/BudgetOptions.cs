namespace GenApi.Core.Accounts;

/// <summary>
/// Spending limits in US dollars, each up to <see cref="BudgetLimits.HighestUsd"/> and exact to the millionth; null: none.
/// </summary>
public sealed class BudgetOptions
{
    /// <summary>The limit for each day (UTC), in US dollars. Empty: none.</summary>
    /// <value>0 to 1,000,000,000, at most six decimals</value>
    public decimal? Day { get; set; }

    /// <summary>The limit for each month (UTC), in US dollars. Empty: none.</summary>
    /// <value>0 to 1,000,000,000, at most six decimals</value>
    public decimal? Month { get; set; }

    /// <summary>The limit for all time, in US dollars. Empty: none.</summary>
    /// <value>0 to 1,000,000,000, at most six decimals</value>
    public decimal? Total { get; set; }

    internal BudgetLimits ToLimits() => new(Of(Day), Of(Month), Of(Total));

    /// <summary>Describes each unusable limit in one sentence.</summary>
    internal IEnumerable<string> Failures(string key)
    {
        foreach (var (name, usd) in new[] { (nameof(Day), Day), (nameof(Month), Month), (nameof(Total), Total) })
        {
            if (usd is { } given && BudgetLimits.Micros(given) is null)
            {
                yield return FormattableString.Invariant(
                    $"{key}:{name} must be US dollars from 0 to {BudgetLimits.HighestUsd} with at most six decimals; it is {given}. ")
                    + "Empty: no limit.";
            }
        }
    }

    private static long? Of(decimal? usd) => usd is { } given ? BudgetLimits.Micros(given) : null;
}
