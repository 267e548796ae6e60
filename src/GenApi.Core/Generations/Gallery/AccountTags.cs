using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Gallery;

/// <summary>
/// Reads the tags of one account. An image may have tags of several accounts, so it never searches by the image alone: its time would show
/// how much others tag.
/// </summary>
internal static class AccountTags
{
    /// <summary>
    /// Lists the account's different tags in ordinal order. Each costs one step of the index, however many images have it.
    /// </summary>
    public static async Task<List<string>> ListAsync(GenApiDbContext db, Guid account, CancellationToken cancellationToken)
    {
        var tags = await db.DistinctTexts<ImageTag>(nameof(ImageTag.AccountId), nameof(ImageTag.Tag), account)
            .ToListAsync(cancellationToken);
        tags.Sort(StringComparer.Ordinal);
        return tags;
    }

    /// <summary>Returns the account's tags of each image, in ordinal order.</summary>
    public static async Task<ILookup<Guid, string>> OfAsync(
        GenApiDbContext db, Guid account, IReadOnlyCollection<GalleryImage> images, CancellationToken cancellationToken)
    {
        if (images.Count == 0 || await ListAsync(db, account, cancellationToken) is not { Count: > 0 } own)
            return Enumerable.Empty<Guid>().ToLookup(id => id, _ => "");
        var ids = images.Select(each => each.Image.Id).ToList();
        return await OfAsync(
            db, account, own, ids, images.Min(each => each.CreatedAt), images.Max(each => each.CreatedAt), cancellationToken);
    }

    /// <inheritdoc cref="OfAsync(GenApiDbContext, Guid, IReadOnlyCollection{GalleryImage}, CancellationToken)"/>
    /// <param name="db">Where to read.</param>
    /// <param name="account">The account.</param>
    /// <param name="own">All tags of the account.</param>
    /// <param name="images">The images.</param>
    /// <param name="from">When the oldest of their generations was made.</param>
    /// <param name="to">When the newest was made.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<ILookup<Guid, string>> OfAsync(
        GenApiDbContext db, Guid account, List<string> own, List<Guid> images, DateTimeOffset from, DateTimeOffset to,
        CancellationToken cancellationToken)
    {
        var found = await db.Through<ImageTag>(ImageTag.ByTag).AsNoTracking()
            .Where(tag => tag.AccountId == account && own.Contains(tag.Tag)
                && tag.GenerationCreatedAt >= from && tag.GenerationCreatedAt <= to && images.Contains(tag.ImageId))
            .Select(tag => new { tag.ImageId, tag.Tag }).ToListAsync(cancellationToken);
        return found.OrderBy(each => each.Tag, StringComparer.Ordinal).ToLookup(each => each.ImageId, each => each.Tag);
    }
}
