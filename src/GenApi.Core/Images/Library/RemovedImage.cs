using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Images.Library;

/// <summary>
/// An image or another file whose row was deleted, together with its tags and variants. <see cref="ImageLibrary.ForgetAsync"/> frees the
/// bytes.
/// </summary>
/// <param name="Image">The deleted row.</param>
/// <param name="BlobKeys">The bytes that the rows needed: its own, and those of its variants.</param>
public sealed record RemovedImage(StoredImage Image, IReadOnlyList<string> BlobKeys)
{
    /// <summary>Deletes the rows of these images, and everything that belongs to them, in the caller's transaction.</summary>
    internal static async Task<IReadOnlyList<RemovedImage>> RemoveAsync(
        GenApiDbContext db, IReadOnlyCollection<StoredImage> images, CancellationToken cancellationToken)
    {
        if (images.Count == 0)
            return [];
        var ids = images.Select(image => image.Id).ToList();
        var variants = db.Set<ImageVariant>().Where(variant => ids.Contains(variant.ImageId));
        var keys = (await variants.Select(variant => new { variant.ImageId, variant.BlobKey }).ToListAsync(cancellationToken))
            .ToLookup(variant => variant.ImageId, variant => variant.BlobKey);
        await variants.ExecuteDeleteAsync(cancellationToken);
        await db.Set<ImageTag>().Where(tag => ids.Contains(tag.ImageId)).ExecuteDeleteAsync(cancellationToken);
        await db.Set<StoredImage>().Where(image => ids.Contains(image.Id)).ExecuteDeleteAsync(cancellationToken);
        return [.. images.Select(image => new RemovedImage(image, [image.BlobKey, .. keys[image.Id]]))];
    }
}
