using System.Runtime.CompilerServices;
using GenApi.Accounts;
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
    ImageLibrary library, GenerationAccess access, UseCounts uses, MissingImages missing, DerivedImages derived, OutputAnswer answer,
    BlobRedirect redirect, StringValues cacheControl, bool areImages)
{
    // Keyed by the row's instance, which the library caches while it is in demand. The values disappear with the row.
    private readonly ConditionalWeakTable<StoredImage, ImageHeaders> _headers = [];

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
        try
        {
            if (derived.Read(context.Request.QueryString, areImages) is { } wanted)
                await derived.ServeAsync(context, image, wanted, link);
            else
                await ServeAsync(context, image, link);
        }
        catch (GenApiException failure) when (failure.Kind == ErrorKind.BlobMissing)
        {
            // The next request for the same image must not get this link again.
            await missing.MissingAsync(image, CancellationToken.None);
            throw;
        }
    }

    private async Task ServeAsync(HttpContext context, StoredImage image, ValidLink? link)
    {
        var headers = _headers.GetValue(image, each => new ImageHeaders(each, cacheControl));
        // Nobody knows whether the caller has the bytes of a lost image.
        if (image.LostAt is null && answer.TryWithoutBytes(context, headers, link))
            return;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            await library.RequireAsync(image, context.RequestAborted);
            answer.WriteHead(context, headers, image.Bytes, link);
            return;
        }
        if (redirect.TryAnswer(context, image, headers, link))
            return;
        using var content = await library.OpenAsync(
            image, OutputAnswer.Wanted(context.Request.Headers, headers, image.Bytes), context.RequestAborted);
        await answer.WriteAsync(context, headers, content, link);
    }

    private string Word => areImages ? "image" : "file";
}
