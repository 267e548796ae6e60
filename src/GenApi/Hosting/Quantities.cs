using System.Globalization;

namespace GenApi.Hosting;

/// <summary>Formats numbers for people at a terminal.</summary>
internal static class Quantities
{
    /// <summary>Formats a number with commas: <c>12,345</c>.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Formats a number with its noun: <c>1 image</c>, <c>12,345 images</c>.</summary>
    public static string Of(long number, string noun) => $"{Count(number)} {noun}{(number == 1 ? "" : "s")}";

    /// <summary>Formats a time in its two largest units: <c>45 s</c>, <c>2 min 5 s</c>, <c>3 h 10 min</c>, <c>4 d 2 h</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => $"{Math.Max(0, (int)time.TotalSeconds)} s",
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
        { TotalDays: < 1 } => $"{time.Hours} h {time.Minutes} min",
        _ => $"{time.Days} d {time.Hours} h",
    };

    /// <summary>Formats a time in UTC to the second, in a form that every option accepts: <c>2026-01-31T12:00:00Z</c>.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
