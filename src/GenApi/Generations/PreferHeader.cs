using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace GenApi.Generations;

/// <summary>
/// What a caller prefers (RFC 7240). A preference is a wish and never an error: one that is not known or can't be read is ignored, and a wait of more
/// than five minutes is five minutes. <c>Preference-Applied</c> tells what was made of it.
/// </summary>
/// <param name="Wait">How long to wait at most; null when the caller did not say.</param>
/// <param name="RespondAsync">Whether to answer without waiting when no wait is named.</param>
internal readonly record struct PreferHeader(TimeSpan? Wait, bool RespondAsync)
{
    public const string Name = "Prefer";
    public const string AppliedName = "Preference-Applied";

    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(300);

    /// <summary>The header's answer; null when nothing was asked for.</summary>
    public string? Applied => (Wait, RespondAsync) switch
    {
        ({ } wait, true) => $"respond-async, wait={wait.TotalSeconds:0}",
        ({ } wait, false) => $"wait={wait.TotalSeconds:0}",
        (null, true) => "respond-async",
        _ => null,
    };

    /// <summary>How long to wait: as named, not at all when only an asynchronous answer was asked for, else <paramref name="byDefault"/>.</summary>
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
                // Of a preference given twice the first counts.
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

    /// <summary>At the separator, except inside double quotes.</summary>
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
