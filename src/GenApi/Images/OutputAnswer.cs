using GenApi.Core.Blobs;
using Microsoft.Extensions.Primitives;

namespace GenApi.Images;

/// <summary>Answers with the bytes of an image or file: conditional requests, one range, and how long a link may be cached.</summary>
internal sealed class OutputAnswer
{
    // Links expire in steps, so the requests of a page with images share the same value.
    private volatile Age _age = new(0, default);

    /// <summary>Answers a request whose preconditions need no bytes: 304 or 412.</summary>
    /// <returns>False if the bytes are wanted.</returns>
    public bool TryWithoutBytes(HttpContext context, ImageHeaders headers, ValidLink? link)
    {
        var response = context.Response;
        switch (Preconditions.Evaluate(context.Request.Headers, headers))
        {
            case Precondition.NotModified:
                response.StatusCode = StatusCodes.Status304NotModified;
                headers.WriteValidators(response.Headers);
                Limit(response.Headers, headers, link);
                return true;
            case Precondition.Failed:
                response.StatusCode = StatusCodes.Status412PreconditionFailed;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Returns the bytes that <see cref="WriteAsync"/> will send of a blob with this length.</summary>
    public static BlobRange Wanted(IHeaderDictionary request, ImageHeaders headers, long length) =>
        TryGetRange(request, headers, length, out var range) ? new(range.Start, range.Length) : BlobRange.All;

    /// <summary>Answers HEAD: the headers of the whole bytes.</summary>
    public void WriteHead(HttpContext context, ImageHeaders headers, long length, ValidLink? link)
    {
        WriteHeaders(context, headers, link);
        context.Response.ContentLength = length;
    }

    /// <summary>Answers with the bytes, or with the range of them that the request names.</summary>
    public async Task WriteAsync(HttpContext context, ImageHeaders headers, BlobContent content, ValidLink? link)
    {
        var response = context.Response;
        var isGet = HttpMethods.IsGet(context.Request.Method);
        if (!isGet || !TryGetRange(context.Request.Headers, headers, content.Length, out var range))
            range = new ByteRange(0, content.Length);
        else if (range.Length == 0)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = $"bytes */{content.Length}";
            return;
        }
        else
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {range.Start}-{range.Start + range.Length - 1}/{content.Length}";
        }
        WriteHeaders(context, headers, link);
        response.ContentLength = range.Length;
        if (isGet)
            await ImageBody.WriteAsync(context, content, range);
    }

    private void WriteHeaders(HttpContext context, ImageHeaders headers, ValidLink? link)
    {
        var query = context.Request.QueryString;
        headers.Write(context.Response.Headers, query.HasValue && LinkReader.AsksForDownload(query));
        Limit(context.Response.Headers, headers, link);
    }

    /// <summary>Lets a caller with a link cache the image only privately, and no longer than the link is valid.</summary>
    private void Limit(IHeaderDictionary headers, ImageHeaders image, ValidLink? link)
    {
        if (link is null)
            return;
        var age = _age;
        if (age.Seconds != link.SecondsLeft)
            _age = age = new(link.SecondsLeft, image.CacheControlFor(link));
        headers.CacheControl = age.CacheControl;
    }

    private sealed record Age(long Seconds, StringValues CacheControl);

    private static bool TryGetRange(IHeaderDictionary request, ImageHeaders headers, long length, out ByteRange range)
    {
        range = default;
        return request.Range is { Count: 1 } header && Preconditions.AllowsRange(request, headers)
            && ByteRange.TryParse(header, length, out range);
    }
}
