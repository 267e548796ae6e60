namespace GenApi.Core.Models.Settings;

/// <summary>
/// The schedule on which GenApi runs a model only to keep it warm, so that callers need not wait for a machine to boot. It costs money:
/// every run is billed.
/// </summary>
public sealed class KeepWarmOptions
{
    public const int LongestMinutes = 1440;

    /// <summary>Keeps the model warm. Every run is billed.</summary>
    public bool Enabled { get; set; }

    /// <summary>The number of minutes that the model may be idle before GenApi runs it.</summary>
    /// <value>1 to 1,440</value>
    public int EveryMinutes { get; set; } = 5;

    /// <summary>Hours of the day, such as <c>08-18</c> or <c>07:30-12,22-02</c>. Empty: all day.</summary>
    /// <value>spans of hours</value>
    public string Hours { get; set; } = "";

    /// <summary>Days on which the hours begin, such as <c>mon-fri</c> or <c>sat,sun</c>. Empty: every day.</summary>
    /// <value>days or spans of days</value>
    public string Days { get; set; } = "";

    /// <summary>The time zone of the hours, the days and the daily limit.</summary>
    /// <value>a name such as <c>Europe/Berlin</c></value>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>
    /// The most that keeping the model warm may cost per day, in US dollars. It has no default and is required if <c>Enabled</c> is true.
    /// </summary>
    /// <value>above 0, to 1000</value>
    public decimal DailyLimitUsd { get; set; }
}
