using System.Globalization;
using GenApi.Core.KeepWarm;
using GenApi.Core.Models.Settings;

namespace GenApi.Tests.KeepWarm;

/// <summary>Hours and days of a time zone, through midnights and changes of the clock. 2026-01-02 was a Friday.</summary>
public sealed class KeepWarmScheduleTests
{
    [Theory]
    [InlineData("", "", "UTC", "2026-01-02T00:00Z", true)]
    [InlineData("08-18", "", "UTC", "2026-01-02T08:00Z", true)]
    [InlineData("08-18", "", "UTC", "2026-01-02T07:59Z", false)]
    [InlineData("08-18", "", "UTC", "2026-01-02T18:00Z", false)]
    [InlineData("8:30-12, 13 - 24", "", "UTC", "2026-01-02T23:59Z", true)]
    [InlineData("8:30-12, 13 - 24", "", "UTC", "2026-01-02T12:30Z", false)]
    [InlineData("8:30-12, 13 - 24", "", "UTC", "2026-01-02T08:29Z", false)]
    // Hours across midnight belong to the day on which they begin.
    [InlineData("22-06", "fri", "UTC", "2026-01-02T22:00Z", true)]
    [InlineData("22-06", "fri", "UTC", "2026-01-03T05:59Z", true)]
    [InlineData("22-06", "fri", "UTC", "2026-01-02T05:59Z", false)]
    [InlineData("22-06", "fri", "UTC", "2026-01-03T22:00Z", false)]
    [InlineData("", "Mon-Fri", "UTC", "2026-01-02T12:00Z", true)]
    [InlineData("", "mon-fri", "UTC", "2026-01-03T12:00Z", false)]
    [InlineData("", "sat-mon,wed", "UTC", "2026-01-04T12:00Z", true)]
    [InlineData("", "sat-mon,wed", "UTC", "2026-01-06T12:00Z", false)]
    // Berlin is an hour ahead of UTC in winter and two in summer; there it is Saturday already.
    [InlineData("08-18", "", "Europe/Berlin", "2026-01-02T07:00Z", true)]
    [InlineData("08-18", "", "Europe/Berlin", "2026-07-02T06:00Z", true)]
    [InlineData("", "sat", "Europe/Berlin", "2026-01-02T23:30Z", true)]
    public void It_is_open_in_its_hours_on_its_days(string hours, string days, string zone, string at, bool isOpen) =>
        Assert.Equal(isOpen, Read(hours, days, zone).IsOpen(Time(at)));

    [Theory]
    [InlineData("08-18", "", "UTC", "2026-01-02T09:00Z", "2026-01-02T09:00Z")]
    [InlineData("08-18", "", "UTC", "2026-01-02T18:00Z", "2026-01-03T08:00Z")]
    [InlineData("13-18,08-12", "", "UTC", "2026-01-02T12:00Z", "2026-01-02T13:00Z")]
    [InlineData("08-18", "mon-fri", "UTC", "2026-01-02T18:00Z", "2026-01-05T08:00Z")]
    [InlineData("", "thu", "UTC", "2026-01-02T00:00Z", "2026-01-08T00:00Z")]
    [InlineData("22-06", "fri", "UTC", "2026-01-03T06:00Z", "2026-01-09T22:00Z")]
    // On 2026-03-29 the clock in Berlin goes from 2 to 3, and back from 3 to 2 on 2026-10-25.
    [InlineData("02-04", "", "Europe/Berlin", "2026-03-28T23:30Z", "2026-03-29T01:00Z")]
    [InlineData("03-04", "", "Europe/Berlin", "2026-10-24T22:30Z", "2026-10-25T02:00Z")]
    public void The_next_opening_is_found(string hours, string days, string zone, string at, string next) =>
        Assert.Equal(Time(next), Read(hours, days, zone).NextOpen(Time(at)));

    [Fact]
    public void A_day_is_one_of_the_time_zone()
    {
        var berlin = Read("", "", "Europe/Berlin");
        Assert.Equal(
            (new DateOnly(2026, 1, 2), new DateOnly(2026, 1, 3)),
            (berlin.DayOf(Time("2026-01-02T22:59Z")), berlin.DayOf(Time("2026-01-02T23:00Z"))));
        Assert.Equal(Time("2026-01-02T23:00Z"), berlin.StartOf(new DateOnly(2026, 1, 3)));
    }

    [Theory]
    [InlineData("Hours", "8")]
    [InlineData("Hours", "08-25")]
    [InlineData("Hours", "08-08")]
    [InlineData("Hours", "24-08")]
    [InlineData("Hours", "08-18:60")]
    [InlineData("Hours", "08:00-18:00 CET")]
    [InlineData("Hours", ",")]
    [InlineData("Days", "monday")]
    [InlineData("Days", "mon-wed-fri")]
    [InlineData("Days", ",")]
    [InlineData("TimeZone", "Berlin")]
    [InlineData("TimeZone", "")]
    public void What_can_not_be_read_is_refused_by_its_name(string key, string value)
    {
        var options = new KeepWarmOptions();
        typeof(KeepWarmOptions).GetProperty(key)!.SetValue(options, value);
        var refused = new List<string>();

        Assert.Null(KeepWarmSchedule.Read(options, (name, sentence) => refused.Add($"{name} {sentence}")));

        Assert.StartsWith(key, Assert.Single(refused), StringComparison.Ordinal);
        Assert.EndsWith($"it is '{value}'", refused[0], StringComparison.Ordinal);
    }

    private static KeepWarmSchedule Read(string hours, string days, string zone) =>
        KeepWarmSchedule.Read(
            new KeepWarmOptions { Hours = hours, Days = days, TimeZone = zone }, (key, sentence) => Assert.Fail($"{key} {sentence}"))!;

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
