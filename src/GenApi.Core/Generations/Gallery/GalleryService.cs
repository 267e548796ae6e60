using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Gallery;

/// <summary>
/// Lists images for callers, and tags them. Tags belong to the account that set them: no other account sees them, administrators included,
/// so the audit log does not record them.
/// </summary>
internal sealed class GalleryService(
    GalleryReader reader, GenerationAccess access, IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer,
    GenerationChanges changes)
{
    /// <summary>Tags of one account on one image.</summary>
    public const int MostOfImage = 50;

    /// <summary>Different tags of one account. Each page of a list looks for each of them.</summary>
    public const int MostOfAccount = 500;

    /// <inheritdoc cref="GalleryReader.ListAsync"/>
    /// <exception cref="GenApiException">NotFound: the caller sees no such image as the list is to begin with.</exception>
    public async Task<GalleryPage> ListAsync(GalleryQuery query, Caller caller, CancellationToken cancellationToken)
    {
        if (query.From is { } from)
        {
            var first = await contexts.ReadAsync(db => PlaceAsync(db, from, caller, cancellationToken), cancellationToken);
            // The image next to it in its generation counts as seen.
            query = query with { Cursor = first with { Index = first.Index + (query.IsOldestFirst ? 1 : -1) } };
        }
        if (caller.VisibleAccount is { } account)
            await access.SaveGrantsAsync(account, cancellationToken);
        return await reader.ListAsync(query, caller, cancellationToken);
    }

    /// <summary>Lists the different tags of the caller's account, in ordinal order.</summary>
    public Task<List<string>> TagsAsync(Caller caller, CancellationToken cancellationToken) =>
        contexts.ReadAsync(db => AccountTags.ListAsync(db, caller.AccountId, cancellationToken), cancellationToken);

    /// <summary>Lists the account's tags of one image, in ordinal order.</summary>
    /// <exception cref="GenApiException">NotFound: the caller sees no such image.</exception>
    public Task<List<string>> TagsAsync(Guid imageId, Caller caller, CancellationToken cancellationToken) =>
        contexts.ReadAsync(
            async db =>
            {
                var generation = await GenerationAsync(db, imageId, caller, cancellationToken);
                return await TagsAsync(
                    db, imageId, generation, caller,
                    await AccountTags.ListAsync(db, caller.AccountId, cancellationToken), cancellationToken);
            },
            cancellationToken);

    /// <summary>Tags an image; a tag that it has already stays.</summary>
    /// <param name="imageId">The image.</param>
    /// <param name="tag">Normalised (<see cref="TagText"/>).</param>
    /// <param name="caller">Whose account tags it.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <exception cref="GenApiException">
    /// NotFound: the caller sees no such image. Conflict: the image or the account has as many tags as it can have.
    /// </exception>
    public async Task TagAsync(Guid imageId, string tag, Caller caller, CancellationToken cancellationToken)
    {
        var isNew = await writer.WriteAsync(
            async (db, token) =>
            {
                var generation = await GenerationAsync(db, imageId, caller, token);
                var own = await AccountTags.ListAsync(db, caller.AccountId, token);
                var tags = await TagsAsync(db, imageId, generation, caller, own, token);
                if (tags.Contains(tag))
                    return false;
                if (tags.Count >= MostOfImage)
                    throw Full($"An image has at most {MostOfImage} tags, and this one has them. Remove one of its tags first.");
                if (own.Count >= MostOfAccount && !own.Contains(tag))
                    throw Full($"An account has at most {MostOfAccount} different tags, and yours has them. Use one of GET /images/tags.");
                db.Add(new ImageTag
                {
                    AccountId = caller.AccountId,
                    Tag = tag,
                    ImageId = imageId,
                    GenerationCreatedAt = generation.CreatedAt,
                    GenerationNumber = generation.Number,
                });
                await db.SaveChangesAsync(token);
                return true;
            },
            cancellationToken);
        if (isNew)
            changes.Tagged(imageId, caller.AccountId);
    }

    /// <summary>Removes a tag from an image, if it has it.</summary>
    /// <inheritdoc cref="TagAsync"/>
    public async Task UntagAsync(Guid imageId, string tag, Caller caller, CancellationToken cancellationToken)
    {
        var removed = await writer.FreeAsync(
            async (db, token) =>
            {
                await GenerationAsync(db, imageId, caller, token);
                return await db.Set<ImageTag>()
                    .Where(each => each.AccountId == caller.AccountId && each.Tag == tag && each.ImageId == imageId)
                    .ExecuteDeleteAsync(token);
            },
            cancellationToken);
        if (removed > 0)
            changes.Tagged(imageId, caller.AccountId);
    }

    private async Task<GalleryCursor> PlaceAsync(GenApiDbContext db, Guid imageId, Caller caller, CancellationToken cancellationToken)
    {
        var generation = await GenerationAsync(db, imageId, caller, cancellationToken);
        var image = await ImageLibrary.FindAsync(db, imageId, cancellationToken) ?? throw NoSuchImage();
        return new(generation.CreatedAt, generation.Number, image.Index);
    }

    private async Task<Generation> GenerationAsync(
        GenApiDbContext db, Guid imageId, Caller caller, CancellationToken cancellationToken)
    {
        var image = await ImageLibrary.FindAsync(db, imageId, cancellationToken);
        var generation = image is { IsImage: true, BinnedAt: null }
            ? await db.Set<Generation>().AsNoTracking()
                .FirstOrDefaultAsync(row => row.Id == image.GenerationId && row.DeleteRequestedAt == null, cancellationToken)
            : null;
        return generation is not null && await access.LevelAsync(db, caller, generation, cancellationToken) != AccessLevel.None
            ? generation
            : throw NoSuchImage();
    }

    private static async Task<List<string>> TagsAsync(
        GenApiDbContext db, Guid imageId, Generation generation, Caller caller, List<string> own, CancellationToken cancellationToken)
    {
        var tags = await AccountTags.OfAsync(
            db, caller.AccountId, own, [imageId], generation.CreatedAt, generation.CreatedAt, cancellationToken);
        return [.. tags[imageId]];
    }

    private static GenApiException NoSuchImage() => new(ErrorKind.NotFound, "There is no such image.");

    private static GenApiException Full(string why) => new(ErrorKind.Conflict, why);
}
