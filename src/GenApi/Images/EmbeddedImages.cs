using GenApi.Accounts;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Access;
using GenApi.Core.Images;
using GenApi.Core.Images.Metadata;
using GenApi.Hosting;
using Microsoft.Extensions.Primitives;

namespace GenApi.Images;

/// <summary>
/// Serves copies of images with their settings inside, to callers who may read these settings at <c>/images/{id}/info</c> too. A link alone
/// does not get here (<see cref="LinkReader"/>).
/// </summary>
internal sealed class EmbeddedImages(GenerationAccess access, EmbeddedCopies copies, OutputAnswer answer)
{
    // Never public, whatever Images:CacheControl says: a shared cache would show the prompt to callers without a key.
    public static readonly StringValues CacheControl = "private, max-age=31536000, immutable";

    /// <summary>Serves a copy of these bytes. It stays in memory until the caller has read it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="original">The bytes of an image, or of its variant.</param>
    /// <param name="settings">The settings to put in; see <see cref="SettingsAsync"/>.</param>
    /// <param name="headersOf">Returns the headers of a copy with this hash.</param>
    /// <exception cref="GenApiException">ImageNotConvertible, Overloaded, BlobMissing.</exception>
    public async Task ServeAsync(
        HttpContext context, BlobContent original, EmbeddedSettings settings, Func<string, ImageHeaders> headersOf)
    {
        using var copy = await copies.MakeAsync(original, settings, context.RequestAborted);
        var headers = headersOf(copy.Sha256);
        if (answer.TryWithoutBytes(context, headers, null))
            return;
        using var content = new MemoryContent(copy.Bytes);
        await answer.WriteAsync(context, headers, content, null);
    }

    /// <summary>Reads the settings of the generation that the caller sees.</summary>
    /// <exception cref="GenApiException">NotFound.</exception>
    public async Task<EmbeddedSettings> SettingsAsync(HttpContext context, StoredImage image)
    {
        var details = await access.FindAsync(context.Caller(), image.GenerationId, context.RequestAborted);
        return details is null ? throw RouteId.Unknown(image.Word) : GenerationSettings.Of(details.Generation, image);
    }
}
