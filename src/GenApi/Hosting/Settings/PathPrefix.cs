namespace GenApi.Hosting.Settings;

/// <summary>
/// The path in front of all of ours, where a proxy serves the service at an address such as <c>https://tools.example/genapi</c>. Every
/// address that is given out begins with it.
/// </summary>
internal static class PathPrefix
{
    public const string Allowed =
        "a path such as /genapi or /tools/genapi, of letters, digits, '-', '_', '.' and '~', with at most 100 characters";

    private const int Longest = 100;

    /// <summary>Reads a prefix strictly, since it becomes a part of addresses that callers follow.</summary>
    /// <param name="text">One slash at its end makes no difference; empty, or a slash alone, is no prefix.</param>
    /// <param name="prefix">What addresses begin with.</param>
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

    /// <summary>
    /// Makes it the base of the request's addresses, whether the proxy took it off the path or left it there.
    /// </summary>
    public static void Apply(HttpRequest request, PathString prefix)
    {
        if (request.Path.StartsWithSegments(prefix, out var rest))
            request.Path = rest;
        request.PathBase = prefix;
    }

    private static bool IsSegment(string segment) => segment.Length > 0 && segment is not ("." or "..")
        && segment.All(each => char.IsAsciiLetterOrDigit(each) || each is '-' or '_' or '.' or '~');
}
