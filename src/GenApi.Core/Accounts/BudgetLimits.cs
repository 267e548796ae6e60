using GenApi.Core.Accounts.Budgets;

namespace GenApi.Core.Accounts;

/// <summary>How much may be spent, in micro-dollars; each null: no limit.</summary>
public sealed record BudgetLimits(long? DayMicros, long? MonthMicros, long? TotalMicros)
{
    /// <summary>The highest amount that a limit may have, in US dollars.</summary>
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

    /// <summary>An amount as a limit; null when it is negative, too high, or finer than a millionth.</summary>
    public static long? Micros(decimal usd) => usd is >= 0 and <= HighestUsd && decimal.Round(usd, 6) == usd ? Persistence.MicroDollars.Of(usd) : null;

    /// <summary>These, and where there are none those of <paramref name="others"/>.</summary>
    internal BudgetLimits Or(BudgetLimits others) => new(DayMicros ?? others.DayMicros, MonthMicros ?? others.MonthMicros, TotalMicros ?? others.TotalMicros);
}

/// <summary>How long an amount is for, UTC.</summary>
public enum BudgetSpan
{
    Day,

    Month,

    /// <summary>Altogether, without an end.</summary>
    Total,
}

/// <summary>Spans as words and as periods.</summary>
public static class BudgetSpans
{
    public static IReadOnlyList<BudgetSpan> All { get; } = Enum.GetValues<BudgetSpan>();

    public static string Word(this BudgetSpan span) => span switch
    {
        BudgetSpan.Day => "day",
        BudgetSpan.Month => "month",
        _ => "total",
    };

    /// <summary>When the next period begins; null: never.</summary>
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
