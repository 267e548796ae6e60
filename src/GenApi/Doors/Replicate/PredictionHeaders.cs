using System.Globalization;
using System.Text.RegularExpressions;
using GenApi.Core.Errors;
using Microsoft.Extensions.Primitives;

namespace GenApi.Doors.Replicate;

/// <summary>Reads the headers with which a prediction is requested.</summary>
internal static partial class PredictionHeaders
{
    public const string Prefer = "Prefer", PreferenceApplied = "Preference-Applied", CancelAfter = "Cancel-After";

    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(60), LongestWait = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromSeconds(5), LongestLimit = TimeSpan.FromHours(24);

    /// <summary>Python's client stops listening half a second after the time it named.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// Reads <c>Prefer: wait</c>, which waits for 60 seconds, and <c>Prefer: wait=5</c>. A preference is never an error: other ones have no
    /// effect, and more than 300 seconds are 300.
    /// </summary>
    /// <param name="header">The raw header.</param>
    /// <returns>The longest time to wait, and what to write into <c>Preference-Applied</c>; null: not at all.</returns>
    public static (TimeSpan Wait, string Applied)? ReadWait(StringValues header)
    {
        foreach (var preference in header.SelectMany(line => (line ?? "").Split(',')))
        {
            if (Preference().Match(preference) is not { Success: true } match)
                continue;
            if (!match.Groups[1].Success)
                return (UsualWait - Margin, "wait");
            var text = match.Groups[1].ValueSpan;
            var isRead = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds);
            var wait = isRead && seconds <= LongestWait.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestWait;
            if (wait == TimeSpan.Zero)
                return null;
            var applied = string.Create(CultureInfo.InvariantCulture, $"wait={wait.TotalSeconds:0}");
            return (wait > Margin + Margin ? wait - Margin : wait, applied);
        }
        return null;
    }

    /// <summary>Reads <c>Cancel-After</c>: seconds, or a duration such as <c>30s</c>, <c>5m</c> or <c>1h30m45s</c>.</summary>
    /// <param name="header">The raw header.</param>
    /// <returns>5 seconds to 24 hours; null: there is no such header.</returns>
    /// <exception cref="GenApiException">InvalidRequest: it is neither, or out of this range.</exception>
    public static TimeSpan? ReadCancelAfter(StringValues header)
    {
        if (header.Count == 0)
            return null;
        var text = header.Count == 1 ? (header[0] ?? "").Trim() : "";
        var match = Duration().Match(text);
        var limit = match.Success && text.Length > 0
            ? TimeSpan.FromHours(Part(match, "h")) + TimeSpan.FromMinutes(Part(match, "m")) + TimeSpan.FromSeconds(Part(match, "s"))
            : TimeSpan.Zero;
        return limit >= ShortestLimit && limit <= LongestLimit
            ? limit
            : throw GenApiException.ForMember(
                ErrorKind.InvalidRequest, CancelAfter,
                $"'{CancelAfter}' must be one duration from 5 seconds to 24 hours, in seconds or as 30s, 5m or 1h30m45s.");
    }

    private static long Part(Match match, string name) =>
        match.Groups[name] is { Success: true } part ? long.Parse(part.ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^\s*wait\s*(?:=\s*""?([0-9]+)""?\s*)?(?:;.*)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Preference();

    [GeneratedRegex(@"^(?:(?<s>[0-9]{1,6})|(?:(?<h>[0-9]{1,6})h)?(?:(?<m>[0-9]{1,6})m)?(?:(?<s>[0-9]{1,6})s)?)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
