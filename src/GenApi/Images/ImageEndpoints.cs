using System.Globalization;
using System.Runtime.CompilerServices;
using GenApi.Accounts;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using Microsoft.Extensions.Primitives;

namespace GenApi.Images;

/// <summary>
/// The bytes of images, and those of other files at routes of their own. Written by hand rather than with <c>Results.Stream</c>: this is the path that every page with pictures takes many
/// times.
/// </summary>
internal sealed class ImageEndpoints(
    ImageLibrary library, GenerationAccess sight, UseCounts uses, MissingImages lost, StringValues cacheControl, bool areImages)
{
    // Keyed by the row's instance, which the library keeps while it is asked for: the values go when the row goes.
    private readonly ConditionalWeakTable<StoredImage, ImageHeaders> _headers = [];

    // Links expire in steps, so a page with pictures asks for the same value again and again.
    private volatile Age _age = new(0, default);

    public async Task GetAsync(string id, HttpContext context)
    {
        var prefix = areImages ? PublicId.Image : PublicId.File;
        if (OutputId.Parse(prefix, id) is not { } imageId)
            throw RouteId.Malformed(prefix, id.Split('.')[0], Word);
        var image = await library.FindAsync(imageId, areImages, context.RequestAborted);
        var link = context.Features.Get<GoodLink>();
        if (image is null || (link is null && !await sight.SeesAsync(context.Caller(), image.GenerationId, context.RequestAborted)))
            throw RouteId.Unknown(Word);
        uses.Used(image.GenerationId);
        var headers = _headers.GetValue(image, each => new ImageHeaders(each, cacheControl));
        var response = context.Response;
        // What is lost can't be known to be what the caller has.
        switch (image.LostAt is null ? Preconditions.Evaluate(context.Request.Headers, headers) : Precondition.Proceed)
        {
            case Precondition.NotModified:
                response.StatusCode = StatusCodes.Status304NotModified;
                headers.WriteValidators(response.Headers);
                Limit(response.Headers, link);
                return;
            case Precondition.Failed:
                response.StatusCode = StatusCodes.Status412PreconditionFailed;
                return;
        }
        using var content = await OpenAsync(image, context.RequestAborted);
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
        headers.Write(response.Headers, context.Request.QueryString.HasValue && LinkReader.AsksForDownload(context.Request.QueryString));
        Limit(response.Headers, link);
        response.ContentLength = range.Length;
        if (isGet)
            await ImageBody.WriteAsync(context, content, range);
    }

    private async ValueTask<BlobContent> OpenAsync(StoredImage image, CancellationToken cancellationToken)
    {
        try
        {
            return await library.OpenAsync(image, cancellationToken);
        }
        catch (GenApiException missing) when (missing.Kind == ErrorKind.BlobMissing)
        {
            // Whoever asks for the same picture next must not be given this link again.
            await lost.MissingAsync(image, CancellationToken.None);
            throw;
        }
    }

    private string Word => areImages ? "image" : "file";

    /// <summary>Whoever came by a link keeps the image no longer than the link holds, and for itself.</summary>
    private void Limit(IHeaderDictionary headers, GoodLink? link)
    {
        if (link is null)
            return;
        var age = _age;
        if (age.Seconds != link.SecondsLeft)
            _age = age = new(link.SecondsLeft, string.Create(CultureInfo.InvariantCulture, $"private, max-age={link.SecondsLeft}"));
        headers.CacheControl = age.CacheControl;
    }

    private sealed record Age(long Seconds, StringValues CacheControl);

    private static bool TryGetRange(IHeaderDictionary request, ImageHeaders headers, long length, out ByteRange range)
    {
        range = default;
        return request.Range is { Count: 1 } header && Preconditions.AllowsRange(request, headers) && ByteRange.TryParse(header, length, out range);
    }
}
