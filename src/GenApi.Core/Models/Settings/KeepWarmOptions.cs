namespace GenApi.Core.Models.Settings;

/// <summary>
/// Whether and when GenApi runs a model only to keep it warm, so that callers need not wait for a machine to boot. It costs money: every
/// run is billed.
/// </summary>
public sealed class KeepWarmOptions
{
    public const int LongestMinutes = 1440;

    public bool Enabled { get; set; }

    /// <summary>How long the model must be idle before it is run, in minutes; 1 to <see cref="LongestMinutes"/> (a day).</summary>
    public int EveryMinutes { get; set; } = 5;

    /// <summary>Hours of the day, such as <c>08-18</c> or <c>07:30-12,22-02</c>; empty: all day.</summary>
    public string Hours { get; set; } = "";

    /// <summary>Days of the week on which the hours begin, such as <c>mon-fri</c> or <c>sat,sun</c>; empty: every day.</summary>
    public string Days { get; set; } = "";

    /// <summary>
    /// The time zone of the hours, and of the day that <see cref="DailyLimitUsd"/> covers: an IANA name, such as <c>Europe/Berlin</c>.
    /// </summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>
    /// The most that it may cost per day in US dollars; above 0 and at most <see cref="PriceOptions.HighestUsd"/>. There is no default: the
    /// operator decides.
    /// </summary>
    public decimal DailyLimitUsd { get; set; }
}
