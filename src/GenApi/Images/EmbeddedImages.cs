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
    private static readonly StringValues CacheControl = "private, max-age=31536000, immutable";

    /// <summary>Serves a copy of the stored bytes.</summary>
    /// <param name="context">The request.</param>
    /// <param name="image">The image.</param>
    /// <param name="open">Opens its bytes.</param>
    /// <exception cref="GenApiException">NotFound, ImageNotConvertible, Overloaded, BlobMissing.</exception>
    public async Task ServeAsync(
        HttpContext context, StoredImage image, Func<StoredImage, CancellationToken, ValueTask<BlobContent>> open)
    {
        var settings = await SettingsAsync(context, image);
        using var original = await open(image, context.RequestAborted);
        using var copy = await copies.MakeAsync(original, settings, context.RequestAborted);
        await AnswerAsync(context, new ImageHeaders(image, CacheControl, copy.Sha256), copy);
    }

    /// <summary>Reads the settings of the generation that the caller sees.</summary>
    /// <exception cref="GenApiException">NotFound.</exception>
    public async Task<EmbeddedSettings> SettingsAsync(HttpContext context, StoredImage image)
    {
        var details = await access.FindAsync(context.Caller(), image.GenerationId, context.RequestAborted);
        return details is null ? throw RouteId.Unknown(image.Word) : GenerationSettings.Of(details.Generation, image);
    }

    /// <summary>Answers with a copy. It stays in memory until the caller has read it.</summary>
    public async Task AnswerAsync(HttpContext context, ImageHeaders headers, EmbeddedCopy copy)
    {
        if (answer.TryWithoutBytes(context, headers, null))
            return;
        using var content = new MemoryContent(copy.Bytes);
        await answer.WriteAsync(context, headers, content, null);
    }

    private sealed class MemoryContent(ReadOnlyMemory<byte> bytes) : BlobContent
    {
        public override long Length => bytes.Length;

        public override bool TryGetMemory(out ReadOnlyMemory<byte> memory)
        {
            memory = bytes;
            return true;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
        {
            var piece = bytes[(int)offset..];
            piece = piece[..Math.Min(piece.Length, buffer.Length)];
            piece.CopyTo(buffer);
            return new(piece.Length);
        }

        public override void Dispose()
        {
            // The copy has its own end.
        }
    }
}
