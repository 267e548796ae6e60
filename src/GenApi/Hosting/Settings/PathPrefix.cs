namespace GenApi.Hosting.Settings;

/// <summary>
/// The path in front of all routes if a proxy serves GenApi at an address such as <c>https://tools.example/genapi</c>. Every address in an
/// answer begins with it.
/// </summary>
internal static class PathPrefix
{
    public const string Allowed =
        "a path such as /genapi or /tools/genapi, of letters, digits, '-', '_', '.' and '~', with at most 100 characters";

    private const int Longest = 100;

    /// <summary>Reads a prefix strictly, since it becomes part of addresses that callers follow.</summary>
    /// <param name="text">The setting. One slash at its end makes no difference; an empty text or a lone slash means no prefix.</param>
    /// <param name="prefix">The beginning of all addresses.</param>
    public static bool TryParse(string text, out PathString prefix)
    {
        prefix = default;
        if (text.EndsWith('/'))
            text = text[..^1];
        if (text.Length == 0)
            return true;
        if (text.Length > Longest || text[0] != '/' || !text[1..].Split('/').All(IsSegment))
            return false;
        prefix = new PathString(text);
        return true;
    }

    /// <summary>Makes the prefix the base of the request's addresses, whether or not the proxy removed it from the path.</summary>
    public static void Apply(HttpRequest request, PathString prefix)
    {
        if (request.Path.StartsWithSegments(prefix, out var rest))
            request.Path = rest;
        request.PathBase = prefix;
    }

    private static bool IsSegment(string segment) => segment.Length > 0 && segment is not ("." or "..")
        && segment.All(each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_' or '.' or '~');
}
