using GenApi.Core.Accounts;
using GenApi.Core.Generations.Access;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Bin;

/// <summary>Reads the images that a request names, in the writer's transaction, with what the caller may do to each.</summary>
internal sealed class BinReader(GenerationAccess access)
{
    /// <returns>One for each name, in the same order.</returns>
    public async Task<IReadOnlyList<NamedImage>> ReadAsync(
        GenApiDbContext db, IReadOnlyList<NamedOutput> named, Caller caller, CancellationToken cancellationToken)
    {
        var ids = named.Select(each => each.Id).ToList();
        var images = await db.Set<StoredImage>().AsNoTracking().Where(image => ids.Contains(image.Id))
            .ToDictionaryAsync(image => image.Id, cancellationToken);
        var generationIds = images.Values.Select(image => image.GenerationId).Distinct().ToList();
        var owners = await db.Set<Generation>().Where(row => generationIds.Contains(row.Id))
            .ToDictionaryAsync(row => row.Id, cancellationToken);
        var levels = new Dictionary<Guid, AccessLevel>();
        foreach (var id in generationIds)
            levels[id] = await LevelAsync(db, owners.GetValueOrDefault(id), caller, cancellationToken);
        return
        [
            .. named.Select(each => images.TryGetValue(each.Id, out var image) && image.IsImage == each.IsImage
                ? new NamedImage(each, image, owners.GetValueOrDefault(image.GenerationId), levels[image.GenerationId])
                : new NamedImage(each, null, null, AccessLevel.None)),
        ];
    }

    /// <summary>An image without its generation belongs to no account; administrators may remove it.</summary>
    private async Task<AccessLevel> LevelAsync(
        GenApiDbContext db, Generation? owner, Caller caller, CancellationToken cancellationToken) => owner switch
        {
            null => caller.SeesAll ? AccessLevel.Full : AccessLevel.None,
            { DeleteRequestedAt: not null } => AccessLevel.None,
            _ => await access.LevelToEndAsync(db, caller, owner, cancellationToken),
        };
}

/// <summary>An image that a request names, as its row is now.</summary>
/// <param name="Name">The name.</param>
/// <param name="Image">The row; null: there is none.</param>
/// <param name="Owner">Its generation, tracked; null: there is none.</param>
/// <param name="Level">What the caller may do to it.</param>
internal sealed record NamedImage(NamedOutput Name, StoredImage? Image, Generation? Owner, AccessLevel Level);
