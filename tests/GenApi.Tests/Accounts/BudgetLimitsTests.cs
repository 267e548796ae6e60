using GenApi.Core.Accounts;

namespace GenApi.Tests.Accounts;

/// <summary>Tests limits of money and the spans that they cover.</summary>
public sealed class BudgetLimitsTests
{
    [Theory]
    // Own limits and those of the settings, by span; what holds.
    [InlineData(1L, 2L, 3L, 7L, 8L, 9L, 1L, 2L, 3L)]
    [InlineData(null, null, null, 7L, 8L, 9L, 7L, 8L, 9L)]
    [InlineData(1L, null, null, 7L, 8L, 9L, 1L, 8L, 9L)]
    [InlineData(null, 2L, null, 7L, 8L, 9L, 7L, 2L, 9L)]
    [InlineData(null, null, 3L, 7L, 8L, 9L, 7L, 8L, 3L)]
    [InlineData(0L, 0L, 0L, 7L, 8L, 9L, 0L, 0L, 0L)]
    [InlineData(1L, 2L, 3L, null, null, null, 1L, 2L, 3L)]
    public void A_keys_own_limit_goes_before_the_one_of_the_settings_span_by_span(
        long? day, long? month, long? total, long? otherDay, long? otherMonth, long? otherTotal, long? d, long? m, long? t) =>
        Assert.Equal(
            new BudgetLimits(d, m, t), new BudgetLimits(day, month, total).Or(new BudgetLimits(otherDay, otherMonth, otherTotal)));

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("0.000001", 1L)]
    [InlineData("0.0000011", null)]
    [InlineData("12.345678", 12_345_678L)]
    [InlineData("12.3456780", 12_345_678L)]
    [InlineData("-0.000001", null)]
    [InlineData("1000000000", 1_000_000_000_000_000L)]
    [InlineData("1000000000.000001", null)]
    public void A_limit_is_between_nothing_and_a_thousand_million_in_millionths(string usd, long? micros) =>
        Assert.Equal(micros, BudgetLimits.Micros(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Each_span_has_its_own_limit()
    {
        var limits = BudgetLimits.None.With(BudgetSpan.Day, 1).With(BudgetSpan.Month, 2).With(BudgetSpan.Total, 3);

        Assert.Equal(new BudgetLimits(1, 2, 3), limits);
        Assert.Equal([1, 2, 3], BudgetSpans.All.Select(limits.Of));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", "2026-01-01", "2026-01", "2026-01-02", "2026-02-01")]
    [InlineData("2026-01-31T23:59:59Z", "2026-01-31", "2026-01", "2026-02-01", "2026-02-01")]
    [InlineData("2026-12-31T12:00:00Z", "2026-12-31", "2026-12", "2027-01-01", "2027-01-01")]
    [InlineData("2028-02-29T12:00:00Z", "2028-02-29", "2028-02", "2028-03-01", "2028-03-01")]
    // Days are UTC's, whatever the offset of a time.
    [InlineData("2026-03-01T00:30:00+02:00", "2026-02-28", "2026-02", "2026-03-01", "2026-03-01")]
    public void Days_and_months_begin_at_midnight(string at, string day, string month, string nextDay, string nextMonth)
    {
        var now = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal((day, month, ""), (BudgetSpan.Day.Period(now), BudgetSpan.Month.Period(now), BudgetSpan.Total.Period(now)));
        Assert.Equal(Midnight(nextDay), BudgetSpan.Day.ResetsAt(now));
        Assert.Equal(Midnight(nextMonth), BudgetSpan.Month.ResetsAt(now));
        Assert.Null(BudgetSpan.Total.ResetsAt(now));

        static DateTimeOffset Midnight(string date) =>
            new(DateTime.Parse(date, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero);
    }
}
