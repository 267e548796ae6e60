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
/// Serves the bytes of images, and of other files at their own routes. It does not use <c>Results.Stream</c>, because every page with
/// images requests it many times.
/// </summary>
internal sealed class ImageEndpoints(
    ImageLibrary library, GenerationAccess access, UseCounts uses, MissingImages missing, StringValues cacheControl, bool areImages)
{
    // Keyed by the row's instance, which the library caches while it is in demand. The values disappear with the row.
    private readonly ConditionalWeakTable<StoredImage, ImageHeaders> _headers = [];

    // Links expire in steps, so the requests of a page with images share the same value.
    private volatile Age _age = new(0, default);

    public async Task GetAsync(string id, HttpContext context)
    {
        var prefix = areImages ? PublicId.Image : PublicId.File;
        if (OutputId.Parse(prefix, id) is not { } imageId)
            throw RouteId.Malformed(prefix, id.Split('.')[0], Word);
        var image = await library.FindAsync(imageId, areImages, context.RequestAborted);
        var link = context.Features.Get<ValidLink>();
        if (image is null || (link is null && !await access.SeesAsync(context.Caller(), image.GenerationId, context.RequestAborted)))
            throw RouteId.Unknown(Word);
        uses.Used(image.GenerationId);
        var headers = _headers.GetValue(image, each => new ImageHeaders(each, cacheControl));
        var response = context.Response;
        // Nobody knows whether the caller has the bytes of a lost image.
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
        catch (GenApiException failure) when (failure.Kind == ErrorKind.BlobMissing)
        {
            // The next request for the same image must not get this link again.
            await missing.MissingAsync(image, CancellationToken.None);
            throw;
        }
    }

    private string Word => areImages ? "image" : "file";

    /// <summary>Lets a caller with a link cache the image only privately, and no longer than the link is valid.</summary>
    private void Limit(IHeaderDictionary headers, ValidLink? link)
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
        return request.Range is { Count: 1 } header && Preconditions.AllowsRange(request, headers)
            && ByteRange.TryParse(header, length, out range);
    }
}
