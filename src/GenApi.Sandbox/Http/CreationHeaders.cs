using System.Globalization;
using System.Text.RegularExpressions;

namespace GenApi.Sandbox.Http;

/// <summary>The two headers a creation may carry.</summary>
internal static partial class CreationHeaders
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>
    /// Reads the wait. Replicate documents 1 to 60 seconds, but its published pattern admits 99, and the official clients send what their
    /// caller asks for.
    /// </summary>
    /// <param name="prefer">The value of <c>Prefer</c>. Preferences other than <c>wait</c> are ignored.</param>
    /// <param name="wait">The time to wait; null: no wait.</param>
    /// <returns>False if the wait is out of range.</returns>
    public static bool TryReadPrefer(string? prefer, out TimeSpan? wait)
    {
        wait = null;
        var value = prefer?.Split(',').Select(p => p.Trim()).FirstOrDefault(p => p.StartsWith("wait", StringComparison.Ordinal));
        if (value is null)
            return true;
        if (value == "wait")
        {
            wait = TimeSpan.FromSeconds(60);
            return true;
        }
        if (!WaitPattern().IsMatch(value))
            return false;
        wait = TimeSpan.FromSeconds(int.Parse(value["wait=".Length..], CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Reads <c>30</c>, <c>30s</c>, <c>5m</c>, <c>2h</c> or <c>1h30m45s</c>, from five seconds to a day.</summary>
    public static bool TryReadCancelAfter(string? value, out TimeSpan? after)
    {
        after = null;
        if (string.IsNullOrEmpty(value))
            return value is null;
        var match = DurationPattern().Match(value);
        if (!match.Success)
            return false;
        after = TimeSpan.FromHours(Number(match, "h"))
            + TimeSpan.FromMinutes(Number(match, "m"))
            + TimeSpan.FromSeconds(Number(match, "s") + Number(match, "n"));
        return after >= Shortest && after <= Longest;
    }

    private static int Number(Match match, string group) =>
        match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("^wait=[1-9][0-9]?$")]
    private static partial Regex WaitPattern();

    [GeneratedRegex("^(?:(?<n>[0-9]{1,6})|(?:(?<h>[0-9]{1,6})h)?(?:(?<m>[0-9]{1,6})m)?(?:(?<s>[0-9]{1,6})s)?)$")]
    private static partial Regex DurationPattern();
}
