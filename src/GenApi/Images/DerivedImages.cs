using System.Runtime.CompilerServices;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Images.Metadata;
using GenApi.Core.Images.Variants;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace GenApi.Images;

/// <summary>Serves copies of images to callers who may see the image: variants, copies with settings inside, and both at once.</summary>
internal sealed class DerivedImages(
    VariantLibrary variants, EmbeddedImages embedded, ImageLibrary library, OutputAnswer answer, VariantsOptions options,
    StringValues cacheControl)
{
    private readonly DerivedQueryReader _reader = new(options.WidthList());
    private readonly string _background = options.BackgroundColor();

    // Keyed by the instance that the library holds while it is in demand.
    private readonly ConditionalWeakTable<KeptVariant, ImageHeaders> _headers = [];

    /// <inheritdoc cref="DerivedQueryReader.Read(QueryString, bool)"/>
    public DerivedQuery? Read(QueryString query, bool areImages) => _reader.Read(query, areImages);

    public async Task ServeAsync(HttpContext context, StoredImage image, DerivedQuery wanted, ValidLink? link)
    {
        if (wanted.IsNegotiated)
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        var settings = wanted.HasSettings ? await embedded.SettingsAsync(context, image) : null;
        if (wanted.IsVariant)
            await ServeVariantAsync(context, image, wanted.For(image, context.Request.Headers.Accept, _background), settings, link);
        else if (settings is not null)
        {
            using var original = await library.OpenAsync(image, context.RequestAborted);
            await embedded.ServeAsync(
                context, original, settings, sha256 => new ImageHeaders(image, EmbeddedImages.CacheControl, sha256));
        }
    }

    private async Task ServeVariantAsync(
        HttpContext context, StoredImage image, VariantRequest request, EmbeddedSettings? settings, ValidLink? link)
    {
        var known = await variants.GetAsync(image, request, context.RequestAborted);
        if (settings is null && answer.TryWithoutBytes(context, HeadersOf(image, known), link))
            return;
        var (variant, content) = await variants.OpenAsync(image, request, known, context.RequestAborted);
        using (content)
        {
            if (settings is null)
                await answer.WriteAsync(context, HeadersOf(image, variant), content, link);
            else
            {
                await embedded.ServeAsync(
                    context, content, settings, sha256 => new ImageHeaders(image, variant, EmbeddedImages.CacheControl, sha256));
            }
        }
    }

    private ImageHeaders HeadersOf(StoredImage image, KeptVariant variant) =>
        _headers.TryGetValue(variant, out var headers)
            ? headers
            : _headers.GetValue(variant, each => new ImageHeaders(image, each, cacheControl));
}
