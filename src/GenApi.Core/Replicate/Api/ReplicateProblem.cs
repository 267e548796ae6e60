using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Core.Diagnostics;
using GenApi.Core.Network;

namespace GenApi.Core.Replicate.Api;

/// <summary>Reads an unsuccessful answer: a problem body, or any other text.</summary>
internal sealed partial class ReplicateProblem
{
    private const int LongestMessage = 500;
    private const int MostMessages = 50;
    private const int LongestField = 200;
    private const int LongestText = 4000;

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly ProblemBody _body;

    public ReplicateProblem(string? text)
    {
        var all = SecretText.Scrub(text ?? "");
        _body = Read(all);
        Text = all.Length > LongestText ? all[..LongestText] + "…" : all;
    }

    /// <summary>The beginning of the body, unchanged: for the operator, never for callers.</summary>
    public string Text { get; }

    public bool IsInvalidVersion =>
        Has(_body.Title, "invalid version") || Has(_body.Detail, "specified version does not exist");

    /// <summary>
    /// Reads when to try again, in the order of trust: the header (seconds or a date), the body's <c>retry_after</c>, the sentence
    /// ("resets in ~30s", "available in 1 second").
    /// </summary>
    public TimeSpan? RetryAfter(HttpResponseHeaders? headers, DateTimeOffset now)
    {
        if (headers is not null && RetryAfterHeader.Read(headers, now) is { } asked)
            return Within(asked);
        if (_body.RetryAfter is { } seconds and >= 0 and < 1e6)
            return Within(TimeSpan.FromSeconds(seconds));
        var match = InSeconds().Match(_body.Detail ?? "");
        return match.Success && double.TryParse(match.Groups[1].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds)
            ? Within(TimeSpan.FromSeconds(seconds))
            : null;
    }

    /// <summary>Clamps a pause: none is negative, and one of hours or years is more likely a mistake than a limit.</summary>
    public static TimeSpan Within(TimeSpan pause) => pause < TimeSpan.Zero ? TimeSpan.Zero : pause > LongestPause ? LongestPause : pause;

    /// <summary>The creations a minute that an account low on credit may make; null where the answer says nothing of the kind.</summary>
    public int? ReducedTo => Reduced().Match(_body.Detail ?? "") is { Success: true } match
        ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
        : null;

    /// <summary>
    /// Lists the problems of the input by our JSON paths: <c>$.input.width</c>, or <c>$.input</c> where no member is named.
    /// </summary>
    public IReadOnlyDictionary<string, string[]> InputErrors()
    {
        var problems = _body.InvalidFields is { Length: > 0 } fields
            ? fields.OfType<InvalidFieldBody>()
                .Select(field => (Field: field.Field ?? "", Message: field.Description ?? field.Type ?? "is not allowed"))
            : Bullets(_body.Detail ?? "");
        return problems
            .Take(MostMessages)
            .Select(problem => (Path: PathOf(problem.Field, problem.Message), Message: Shorten(problem.Message)))
            .GroupBy(problem => problem.Path, problem => problem.Message)
            .ToDictionary(group => group.Key, group => group.Distinct().ToArray());
    }

    /// <summary>Reads one problem per line: <c>- input.width: Must be less than or equal to 1280</c>.</summary>
    private static IEnumerable<(string Field, string Message)> Bullets(string detail)
    {
        foreach (var line in detail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var match = Bullet().Match(line);
            yield return match.Success ? (match.Groups[1].Value, match.Groups[2].Value) : ("", line);
        }
    }

    private static string PathOf(string field, string message)
    {
        if (field.StartsWith("input.", StringComparison.Ordinal) && field.Length <= LongestField)
            return "$." + field;
        // A missing member is reported for its parent: field "input", "prompt is required".
        var missing = Missing().Match(message);
        return missing.Success ? $"$.input.{missing.Groups[1].Value}" : "$.input";
    }

    private static ProblemBody Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ReplicateJsonContext.Default.ProblemBody) ?? new ProblemBody();
        }
        catch (JsonException)
        {
            // The CDN answers in HTML; only the status is of use.
            return new ProblemBody();
        }
    }

    private static bool Has(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) == true;

    private static string Shorten(string message) => message.Length <= LongestMessage ? message : message[..LongestMessage] + "…";

    [GeneratedRegex(@"\bin ~?(\d{1,6}(?:\.\d{1,6})?) ?s", RegexOptions.CultureInvariant)]
    private static partial Regex InSeconds();

    // "Your rate limit for creating predictions is reduced to 6 requests per minute with a burst of 1 requests while you have less than
    // $5.0 in credit."
    [GeneratedRegex(@"\breduced to (\d{1,5}) requests? per minute", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Reduced();

    [GeneratedRegex(@"^[-*] ?([A-Za-z0-9_.\[\]-]*): ?(.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Bullet();

    [GeneratedRegex(@"^(?:input: ?)?([A-Za-z0-9_]+) is required", RegexOptions.CultureInvariant)]
    private static partial Regex Missing();
}
