using System.Globalization;
using System.Text.RegularExpressions;
using GenApi.Core.Models.Settings;

namespace GenApi.Core.KeepWarm;

/// <summary>The hours in which a model is kept warm, in its time zone, and the day whose limit a moment counts against.</summary>
internal sealed partial class KeepWarmSchedule
{
    private const int DaysOfWeek = 7;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private readonly TimeZoneInfo _zone;
    private readonly bool[] _days;
    private readonly IReadOnlyList<(TimeSpan From, TimeSpan To)> _hours;

    private KeepWarmSchedule(TimeZoneInfo zone, bool[] days, IReadOnlyList<(TimeSpan, TimeSpan)> hours) =>
        (_zone, _days, _hours) = (zone, days, hours);

    /// <summary>Reads the schedule; null where a setting can't be used.</summary>
    /// <param name="options">The three settings.</param>
    /// <param name="refuse">Receives the name of each setting that can't be used, and what it must be.</param>
    public static KeepWarmSchedule? Read(KeepWarmOptions options, Action<string, string> refuse)
    {
        var hours = ReadHours(options.Hours);
        if (hours is null)
            refuse(
                nameof(options.Hours),
                $"must be hours of the day such as 08-18, or several such as 07:30-12,22-02; it is '{options.Hours}'");
        var days = ReadDays(options.Days);
        if (days is null)
            refuse(nameof(options.Days), $"must be days of the week such as mon-fri or sat,sun; it is '{options.Days}'");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out var zone))
            refuse(
                nameof(options.TimeZone),
                $"must be a time zone that this machine knows, such as UTC or Europe/Berlin; it is '{options.TimeZone}'");
        return hours is null || days is null || zone is null ? null : new KeepWarmSchedule(zone, days, hours);
    }

    public bool IsOpen(DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, _zone).DateTime;
        var (today, yesterday) = (_days[(int)local.DayOfWeek], _days[((int)local.DayOfWeek + DaysOfWeek - 1) % DaysOfWeek]);
        var time = local.TimeOfDay;
        // Hours across midnight belong to the day on which they begin.
        return _hours.Any(range => range.From < range.To
            ? today && time >= range.From && time < range.To
            : (today && time >= range.From) || (yesterday && time < range.To));
    }

    /// <summary>Finds the first open moment from <paramref name="at"/> on; null: there is none within a week.</summary>
    public DateTimeOffset? NextOpen(DateTimeOffset at)
    {
        if (IsOpen(at))
            return at;
        var today = DayOf(at);
        return Enumerable.Range(0, DaysOfWeek + 1).SelectMany(days => _hours.Select(range => At(today.AddDays(days), range.From)))
            .Where(begin => begin >= at && IsOpen(begin)).Cast<DateTimeOffset?>().Min();
    }

    /// <summary>The local day of a moment.</summary>
    public DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, _zone).DateTime);

    /// <summary>The moment at which a local day begins.</summary>
    public DateTimeOffset StartOf(DateOnly day) => At(day, TimeSpan.Zero);

    /// <summary>Converts a local time. An hour that a change of the clock skips becomes the next existing hour.</summary>
    private DateTimeOffset At(DateOnly day, TimeSpan time)
    {
        var local = day.ToDateTime(TimeOnly.MinValue) + time;
        if (_zone.IsInvalidTime(local))
            local += TimeSpan.FromHours(1);
        return new DateTimeOffset(local, _zone.GetUtcOffset(local)).ToUniversalTime();
    }

    private static List<(TimeSpan From, TimeSpan To)>? ReadHours(string text)
    {
        var hours = new List<(TimeSpan, TimeSpan)>();
        foreach (var part in Parts(text))
        {
            var match = Range().Match(part);
            if (!match.Success
                || Time(match.Groups[1], match.Groups[2]) is not { } from || Time(match.Groups[3], match.Groups[4]) is not { } to
                || from == to || from == Day)
                return null;
            hours.Add((from, to));
        }
        return hours.Count > 0 ? hours : string.IsNullOrWhiteSpace(text) ? [(TimeSpan.Zero, Day)] : null;
    }

    private static TimeSpan? Time(Group hour, Group minute)
    {
        var time = TimeSpan.FromHours(int.Parse(hour.ValueSpan, CultureInfo.InvariantCulture))
            + TimeSpan.FromMinutes(minute.Success ? int.Parse(minute.ValueSpan, CultureInfo.InvariantCulture) : 0);
        return time <= Day ? time : null;
    }

    private static bool[]? ReadDays(string text)
    {
        var days = new bool[DaysOfWeek];
        foreach (var part in Parts(text))
        {
            var ends = part.Split('-').Select(name => Array.IndexOf(DayNames, name.Trim().ToLowerInvariant())).ToList();
            if (ends.Count > 2 || ends.Contains(-1))
                return null;
            days[ends[^1]] = true;
            for (var day = ends[0]; day != ends[^1]; day = (day + 1) % DaysOfWeek)
                days[day] = true;
        }
        return days.Contains(true) ? days : string.IsNullOrWhiteSpace(text) ? [.. days.Select(_ => true)] : null;
    }

    private static string[] Parts(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^([0-9]{1,2})(?::([0-5][0-9]))? ?- ?([0-9]{1,2})(?::([0-5][0-9]))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Range();
}
