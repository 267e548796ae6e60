using GenApi.Core.Errors;
using GenApi.Core.Models.Catalogue;

namespace GenApi.Hosting.Requests;

/// <summary>
/// Reads the filters that lists of generations and of images share. An empty value, as a form sends it, means no filter.
/// </summary>
internal static class ListFilters
{
    private const int LongestWords = 200;

    public static QueryParameter WordsParameter { get; } = QueryParameter.Text(
        "q", $"Words of the prompt, in any order; at most {LongestWords} characters. A word matches from its beginning. "
        + "Text without spaces, such as Chinese, Japanese, Korean, Thai and emoji, matches anywhere.");

    public static string? Text(IQueryCollection parameters, string name) =>
        parameters[name] is [{ Length: > 0 } text, ..] ? text : null;

    /// <summary>Resolves aliases and page addresses, which rows don't have. A filter that no row can match is a typo.</summary>
    public static string? Model(IQueryCollection parameters, ModelGuide models, MemberErrors errors)
    {
        if (Text(parameters, "model") is not { } text)
            return null;
        try
        {
            return models.NameOf(text);
        }
        catch (GenApiException refusal) when (refusal.Kind is ErrorKind.InvalidRequest or ErrorKind.UnknownModel)
        {
            errors.Add("model", refusal.Errors.Values.First()[0]);
            return null;
        }
    }

    public static DateTimeOffset? Time(IQueryCollection parameters, string name, MemberErrors errors)
    {
        if (Text(parameters, name) is not { } text)
            return null;
        if (Rfc3339.TryParseQuery(text, out var time))
            return time;
        errors.Add(name, $"'{name}' must be an RFC 3339 time such as 2026-01-31T12:00:00Z; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    public static bool? Flag(IQueryCollection parameters, string name, MemberErrors errors)
    {
        if (Text(parameters, name) is not { } text)
            return null;
        if (text is "true" or "false")
            return text == "true";
        errors.Add(name, $"'{name}' must be true or false; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    /// <summary>Reads <c>q</c>.</summary>
    public static string? Words(IQueryCollection parameters, MemberErrors errors)
    {
        if (Text(parameters, "q") is not { } text || string.IsNullOrWhiteSpace(text))
            return null;
        // SQLite would read the search only up to this character and report a syntax error.
        if (text.Contains('\0', StringComparison.Ordinal))
            errors.Add("q", "'q' holds U+0000, which is not text.");
        if (Characters.AreAtMost(text, LongestWords))
            return text;
        errors.Add("q", $"'q' has at most {LongestWords} characters; there are {Characters.Count(text)}.");
        return null;
    }
}
