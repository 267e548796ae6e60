using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace GenApi.Hosting;

/// <summary>Writes JSON that callers may cache if they revalidate it each time.</summary>
internal static class TaggedJson
{
    private const int TagBytes = 16;

    /// <summary>Answers 200 with an <c>ETag</c> of the bytes, or 304 to a caller that already has them.</summary>
    public static Task WriteAsync(HttpContext context, byte[] json)
    {
        var response = context.Response;
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, TagBytes))}\"";
        response.Headers.ETag = tag;
        response.Headers.CacheControl = "private, no-cache";
        if (IsKnown(context.Request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        return response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    /// <summary>Says whether <c>If-None-Match</c> names this tag.</summary>
    public static bool IsKnown(HttpRequest request, string tag)
    {
        if (request.Headers.IfNoneMatch.Count == 0 || !EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known))
            return false;
        var ours = EntityTagHeaderValue.Parse(tag);
        return known.Any(each => each == EntityTagHeaderValue.Any || each.Compare(ours, useStrongComparison: false));
    }
}
