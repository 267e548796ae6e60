using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Library;
using GenApi.Core.Images.Variants;
using Microsoft.Extensions.Options;

namespace GenApi.Doors;

/// <summary>The format in which a door answers with an image.</summary>
/// <param name="Format">The format; null: the one that the image has.</param>
/// <param name="Quality">
/// 1 to 100: an image is converted to this quality even if it has the format already. Null: the usual one, and only if it lacks the format.
/// </param>
internal readonly record struct DoorFormat(VariantFormat? Format, int? Quality = null)
{
    /// <summary>Returns whether a file of this type needs no conversion.</summary>
    public bool IsOf(string contentType) => Format switch
    {
        null => true,
        not VariantFormat.Png when Quality is not null => false,
        VariantFormat.Png => contentType == "image/png",
        VariantFormat.Jpeg => contentType == "image/jpeg",
        VariantFormat.Avif => contentType == "image/avif",
        _ => contentType == "image/webp",
    };
}

/// <summary>
/// An open image in the format that a door wants. Dispose it, or hand <paramref name="Content"/> to a <see cref="DoorBody"/>.
/// </summary>
/// <param name="Content">The bytes.</param>
/// <param name="ContentType">Their type.</param>
/// <param name="Width">In pixels; null if the file does not state it.</param>
/// <param name="Height">As <paramref name="Width"/>.</param>
internal sealed record DoorImage(BlobContent Content, string ContentType, int? Width, int? Height) : IDisposable
{
    public void Dispose() => Content.Dispose();
}

/// <summary>
/// Opens stored images for the answers of doors: the original bytes if they have the wanted format, otherwise a variant of the same size,
/// which is made once and kept.
/// </summary>
internal sealed class DoorImages(
    ImageLibrary library, VariantLibrary variants, MissingImages missing, UseCounts uses, IOptions<VariantsOptions> options)
{
    private readonly string _background = options.Value.BackgroundColor();

    /// <exception cref="GenApiException">
    /// ImageNotConvertible, Overloaded, BlobMissing or NotFound. All name the generation, because its run is paid for.
    /// </exception>
    public ValueTask<DoorImage> OpenAsync(StoredImage image, DoorFormat format, CancellationToken cancellationToken) =>
        OpenAsync(image, format, null, cancellationToken);

    /// <inheritdoc cref="OpenAsync(StoredImage, DoorFormat, CancellationToken)"/>
    /// <param name="image">The image, which the caller may see.</param>
    /// <param name="format">The format.</param>
    /// <param name="side">The longest side in pixels; null: the image's own size. An image is never enlarged.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<DoorImage> OpenAsync(StoredImage image, DoorFormat format, int? side, CancellationToken cancellationToken)
    {
        uses.Used(image.GenerationId);
        try
        {
            var isSmaller = side < Math.Max(image.Width ?? int.MaxValue, image.Height ?? int.MaxValue);
            return format.IsOf(image.ContentType) && !isSmaller
                ? new(await library.OpenAsync(image, cancellationToken), image.ContentType, image.Width, image.Height)
                : await ConvertAsync(image, format, side, cancellationToken);
        }
        catch (GenApiException failure)
        {
            // The next request for the same image must not get this one again.
            if (failure.Kind == ErrorKind.BlobMissing)
                await missing.MissingAsync(image, CancellationToken.None);
            if (failure.GenerationId is not null)
                throw;
            throw DoorFailure.About(failure, image.GenerationId);
        }
    }

    private async ValueTask<DoorImage> ConvertAsync(
        StoredImage image, DoorFormat format, int? side, CancellationToken cancellationToken)
    {
        var request = VariantRequest.For(
            image, format.Format ?? VariantRequest.FormatOf(image.ContentType), side, side, VariantFit.Inside, format.Quality, _background);
        var known = await variants.GetAsync(image, request, cancellationToken);
        var (variant, content) = await variants.OpenAsync(image, request, known, cancellationToken);
        return new(content, variant.ContentType, variant.Width, variant.Height);
    }
}
