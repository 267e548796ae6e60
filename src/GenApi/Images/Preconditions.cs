using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace GenApi.Images;

internal enum Precondition
{
    Proceed,
    NotModified,
    Failed,
}

/// <summary>Evaluates the preconditions of RFC 9110, section 13.2.2, for GET and HEAD of an existing image.</summary>
internal static class Preconditions
{
    public static Precondition Evaluate(IHeaderDictionary request, ImageHeaders image)
    {
        var ifMatch = request.IfMatch;
        if (ifMatch.Count > 0)
        {
            if (!Matches(ifMatch, image.EntityTag, weakly: false))
                return Precondition.Failed;
        }
        else if (TryParseDate(request.IfUnmodifiedSince, out var unmodifiedSince) && image.LastModifiedAt > unmodifiedSince)
            return Precondition.Failed;

        var ifNoneMatch = request.IfNoneMatch;
        if (ifNoneMatch.Count > 0)
            return Matches(ifNoneMatch, image.EntityTag, weakly: true) ? Precondition.NotModified : Precondition.Proceed;
        return TryParseDate(request.IfModifiedSince, out var modifiedSince) && image.LastModifiedAt <= modifiedSince
            ? Precondition.NotModified
            : Precondition.Proceed;
    }

    /// <summary>Says whether <c>Range</c> applies: there is no <c>If-Range</c>, or it names exactly this image.</summary>
    public static bool AllowsRange(IHeaderDictionary request, ImageHeaders image) =>
        request.IfRange is not { Count: > 0 } ifRange || ifRange == image.EntityTag || ifRange == image.LastModified;

    private static bool Matches(StringValues tags, string own, bool weakly)
    {
        foreach (var line in tags)
        {
            if (line == own || MatchesOneOf(line, own, weakly))
                return true;
        }
        return false;
    }

    private static bool MatchesOneOf(ReadOnlySpan<char> list, string own, bool weakly)
    {
        while (true)
        {
            list = list.TrimStart(", \t");
            if (list is ['*', ..])
                return true;
            var isWeak = list.StartsWith("W/", StringComparison.Ordinal);
            if (isWeak)
                list = list[2..];
            if (list is not ['"', ..] || list[1..].IndexOf('"') is var end && end < 0)
                return false;
            var tag = list[..(end + 2)];
            if ((weakly || !isWeak) && tag.SequenceEqual(own))
                return true;
            list = list[tag.Length..];
        }
    }

    private static bool TryParseDate(StringValues header, out DateTimeOffset date)
    {
        date = default;
        return header.Count == 1 && HeaderUtilities.TryParseDate(header[0], out date);
    }
}
