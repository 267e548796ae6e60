namespace GenApi.Core.Models.Settings;

/// <summary>Whether and when a model is run for nobody, so that callers need not wait for a machine to boot. It costs money: every run is billed.</summary>
public sealed class KeepWarmOptions
{
    public const int LongestMinutes = 1440;

    public bool Enabled { get; set; }

    /// <summary>How long the model may have had nothing to do before it is run, in minutes; 1 to <see cref="LongestMinutes"/> (a day).</summary>
    public int EveryMinutes { get; set; } = 5;

    /// <summary>Hours of the day, such as <c>08-18</c> or <c>07:30-12,22-02</c>; empty: all day.</summary>
    public string Hours { get; set; } = "";

    /// <summary>Days of the week, such as <c>mon-fri</c> or <c>sat,sun</c>, on which the hours begin; empty: every day.</summary>
    public string Days { get; set; } = "";

    /// <summary>Of the hours, and of the day that <see cref="DailyLimitUsd"/> is for: a name of the IANA database, such as <c>Europe/Berlin</c>.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>US dollars that it may cost in a day; above 0 and at most <see cref="PriceOptions.HighestUsd"/>. There is no default: whoever switches it on says how much.</summary>
    public decimal DailyLimitUsd { get; set; }
}
