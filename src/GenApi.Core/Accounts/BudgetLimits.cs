using GenApi.Core.Accounts.Budgets;

namespace GenApi.Core.Accounts;

/// <summary>Spending limits, in micro-dollars; each null: no limit.</summary>
public sealed record BudgetLimits(long? DayMicros, long? MonthMicros, long? TotalMicros)
{
    /// <summary>The highest limit, in US dollars.</summary>
    public const decimal HighestUsd = 1_000_000_000m;

    public static readonly BudgetLimits None = new(null, null, null);

    public long? Of(BudgetSpan span) => span switch
    {
        BudgetSpan.Day => DayMicros,
        BudgetSpan.Month => MonthMicros,
        _ => TotalMicros,
    };

    public BudgetLimits With(BudgetSpan span, long? micros) => span switch
    {
        BudgetSpan.Day => this with { DayMicros = micros },
        BudgetSpan.Month => this with { MonthMicros = micros },
        _ => this with { TotalMicros = micros },
    };

    /// <summary>Converts an amount to a limit; null if it is negative, too high, or finer than a millionth.</summary>
    public static long? Micros(decimal usd) =>
        usd is >= 0 and <= HighestUsd && decimal.Round(usd, 6) == usd ? Persistence.MicroDollars.Of(usd) : null;

    /// <summary>Fills missing limits from <paramref name="others"/>.</summary>
    internal BudgetLimits Or(BudgetLimits others) =>
        new(DayMicros ?? others.DayMicros, MonthMicros ?? others.MonthMicros, TotalMicros ?? others.TotalMicros);
}

/// <summary>The span that a budget covers, in UTC.</summary>
public enum BudgetSpan
{
    Day,

    Month,

    /// <summary>All time, without an end.</summary>
    Total,
}

/// <summary>Converts spans to words and periods.</summary>
public static class BudgetSpans
{
    public static IReadOnlyList<BudgetSpan> All { get; } = Enum.GetValues<BudgetSpan>();

    public static string Word(this BudgetSpan span) => span switch
    {
        BudgetSpan.Day => "day",
        BudgetSpan.Month => "month",
        _ => "total",
    };

    /// <summary>Returns when the next period begins; null: never.</summary>
    public static DateTimeOffset? ResetsAt(this BudgetSpan span, DateTimeOffset now)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        return span switch
        {
            BudgetSpan.Day => today.AddDays(1),
            BudgetSpan.Month => today.AddDays(1 - today.Day).AddMonths(1),
            _ => null,
        };
    }

    /// <inheritdoc cref="BudgetPeriod.Period"/>
    internal static string Period(this BudgetSpan span, DateTimeOffset at) => span switch
    {
        BudgetSpan.Day => at.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        BudgetSpan.Month => at.UtcDateTime.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture),
        _ => "",
    };
}
