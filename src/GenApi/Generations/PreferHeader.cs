using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace GenApi.Generations;

/// <summary>
/// Reads a caller's preferences (RFC 7240). A preference is never an error: an unknown or unreadable one is ignored, and a wait of more
/// than five minutes is cut to five. <c>Preference-Applied</c> names the preferences that were applied.
/// </summary>
/// <param name="Wait">The longest wait; null if the caller named none.</param>
/// <param name="RespondAsync">Whether to answer without a wait if none is named.</param>
internal readonly record struct PreferHeader(TimeSpan? Wait, bool RespondAsync)
{
    public const string Name = "Prefer";
    public const string AppliedName = "Preference-Applied";

    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(300);

    /// <summary>The value of <c>Preference-Applied</c>; null if there is no preference.</summary>
    public string? Applied => (Wait, RespondAsync) switch
    {
        ({ } wait, true) => $"respond-async, wait={wait.TotalSeconds:0}",
        ({ } wait, false) => $"wait={wait.TotalSeconds:0}",
        (null, true) => "respond-async",
        _ => null,
    };

    /// <summary>
    /// Returns the time to wait: as named, zero if only an asynchronous answer was requested, otherwise <paramref name="byDefault"/>.
    /// </summary>
    public TimeSpan WaitOr(TimeSpan byDefault) => Wait ?? (RespondAsync ? TimeSpan.Zero : byDefault);

    public static PreferHeader Parse(StringValues header)
    {
        TimeSpan? wait = null;
        var respondAsync = false;
        var isWaitSeen = false;
        foreach (var line in header)
        {
            foreach (var preference in Split(line ?? "", ','))
            {
                // Parameters after a semicolon belong to preferences that are not ours.
                var pair = Split(preference, ';')[0];
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                var name = (equals < 0 ? pair : pair[..equals]).Trim();
                var value = equals < 0 ? "" : pair[(equals + 1)..].Trim().Trim('"');
                if (name.Equals("respond-async", StringComparison.OrdinalIgnoreCase) && value.Length == 0)
                    respondAsync = true;
                // If a preference is given twice, the first counts.
                if (!name.Equals("wait", StringComparison.OrdinalIgnoreCase) || isWaitSeen)
                    continue;
                isWaitSeen = true;
                wait = Seconds(value);
            }
        }
        return new(wait, respondAsync);
    }

    private static TimeSpan? Seconds(string text)
    {
        if (text.Length == 0 || text.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= LongestWait.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : LongestWait;
    }

    /// <summary>Splits at the separator, except inside double quotes.</summary>
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var (start, isQuoted) = (0, false);
        for (var at = 0; at < text.Length; at++)
        {
            if (isQuoted && text[at] == '\\')
                at++;
            else if (text[at] == '"')
                isQuoted = !isQuoted;
            else if (text[at] == separator && !isQuoted)
            {
                parts.Add(text[start..at]);
                start = at + 1;
            }
        }
        parts.Add(start < text.Length ? text[start..] : "");
        return parts;
    }
}
