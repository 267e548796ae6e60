using System.Runtime.CompilerServices;
using GenApi.Core.Images;
using GenApi.Core.Images.Variants;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace GenApi.Images;

/// <summary>Serves copies of images in another size or format, to callers who may see the image.</summary>
internal sealed class DerivedImages(
    VariantLibrary variants, BytesResponse answer, IOptions<VariantsOptions> options, StringValues cacheControl)
{
    private readonly DerivedQueryReader _reader = new(options.Value.WidthList());
    private readonly string _background = options.Value.BackgroundColor();

    // Keyed by the instance that the library holds while it is in demand.
    private readonly ConditionalWeakTable<KeptVariant, ImageHeaders> _headers = [];

    /// <inheritdoc cref="DerivedQueryReader.Read(QueryString, bool)"/>
    public DerivedQuery? Read(HttpRequest request, bool areImages) => _reader.Read(request.QueryString, areImages);

    public async Task ServeAsync(HttpContext context, StoredImage image, DerivedQuery wanted, ValidLink? link)
    {
        if (wanted.IsNegotiated)
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        var request = wanted.For(image, context.Request.Headers.Accept, _background);
        var known = await variants.GetAsync(image, request, context.RequestAborted);
        if (answer.TryAnswer(context, HeadersOf(image, known), link))
            return;
        // Where its bytes are lost, it is another variant than the known one.
        var (variant, content) = await variants.OpenAsync(image, request, context.RequestAborted);
        using (content)
            await answer.SendAsync(context, HeadersOf(image, variant), content, link);
    }

    private ImageHeaders HeadersOf(StoredImage image, KeptVariant variant) =>
        _headers.TryGetValue(variant, out var headers)
            ? headers
            : _headers.GetValue(variant, each => new ImageHeaders(image, each, cacheControl));
}
