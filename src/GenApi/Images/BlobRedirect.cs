using GenApi.Core.Blobs;
using GenApi.Core.Images;
using Microsoft.Extensions.Options;

namespace GenApi.Images;

/// <summary>
/// Redirects callers who may see an image or a file to the S3 server for its bytes (<c>Blobs:Redirect</c>). The address is good for some
/// minutes, and never longer than the link that the caller has.
/// </summary>
internal sealed class BlobRedirect(IBlobStore blobs, IOptions<BlobsOptions> options)
{
    private const string NotKept = "private, no-store";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly bool _isOn = options.Value.Redirect;

    /// <summary>Answers with an address; false if this service sends the bytes itself.</summary>
    /// <param name="context">The request of a caller who may see the bytes.</param>
    /// <param name="image">The row of the bytes.</param>
    /// <param name="headers">The headers that the bytes have here. They have them there too.</param>
    /// <param name="link">The caller's link; null: it came with a key.</param>
    public bool TryAnswer(HttpContext context, StoredImage image, ImageHeaders headers, ValidLink? link)
    {
        // The policy of our page allows images of this origin alone, and no policy protects a drawing on the other one.
        if (!_isOn || image.LostAt is not null || headers.HasPolicy || context.Request.Headers["Sec-Fetch-Site"] == "same-origin")
            return false;
        var left = link is null ? Longest : TimeSpan.FromSeconds(Math.Min(link.SecondsLeft, (long)Longest.TotalSeconds));
        var query = context.Request.QueryString;
        var (type, disposition) = headers.Describe(query.HasValue && LinkReader.AsksForDownload(query));
        if (blobs.LinkTo(image.BlobKey, new BlobLink(left, type, disposition, headers.CacheControlFor(link))) is not { } address)
            return false;
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = address.AbsoluteUri;
        context.Response.Headers.CacheControl = NotKept;
        return true;
    }
}
