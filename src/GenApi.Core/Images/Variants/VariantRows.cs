using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Images.Variants;

/// <summary>Reads and changes the rows of variants. Each change runs in the caller's transaction.</summary>
internal static class VariantRows
{
    /// <summary>Kept variants of one image. A caller can name many sizes and qualities, and must not fill the disk with them.</summary>
    internal const int MostOfOneImage = 64;

    /// <summary>Finds a variant, untracked; null if there is none.</summary>
    public static Task<ImageVariant?> FindAsync(GenApiDbContext db, Guid imageId, string recipe, CancellationToken cancellationToken) =>
        db.Set<ImageVariant>().AsNoTracking()
            .FirstOrDefaultAsync(variant => variant.ImageId == imageId && variant.Recipe == recipe, cancellationToken);

    /// <summary>
    /// Adds a variant, and removes those of the same image that an earlier version made or that exceed <see cref="MostOfOneImage"/>.
    /// </summary>
    public static async Task<AddedVariant> AddAsync(GenApiDbContext db, ImageVariant row, CancellationToken cancellationToken)
    {
        if (!await db.Set<StoredImage>().AnyAsync(image => image.Id == row.ImageId, cancellationToken))
            return new(null, []);
        var others = await db.Set<ImageVariant>().AsNoTracking().Where(variant => variant.ImageId == row.ImageId)
            .OrderByDescending(variant => variant.UsedOn).ThenByDescending(variant => variant.CreatedAt).ToListAsync(cancellationToken);
        if (others.Find(variant => variant.Recipe == row.Recipe) is { } same)
            return new(same, []);
        var current = others.FindAll(variant => variant.Recipe.StartsWith(VariantRequest.RecipesBegin, StringComparison.Ordinal));
        var removed = others.Except(current.Take(MostOfOneImage - 1)).ToList();
        await RemoveAsync(db, removed, cancellationToken);
        db.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        return new(row, removed);
    }

    /// <summary>Reads the next variants to remove: by the day of their last use, then by age.</summary>
    public static Task<List<ImageVariant>> LeastUsedAsync(
        GenApiDbContext db, DateOnly notUsedSince, int atMost, CancellationToken cancellationToken) =>
        db.Set<ImageVariant>().AsNoTracking().Where(variant => variant.UsedOn < notUsedSince)
            .OrderBy(variant => variant.UsedOn).ThenBy(variant => variant.CreatedAt).Take(atMost).ToListAsync(cancellationToken);

    public static async Task<int> RemoveAsync(
        GenApiDbContext db, IReadOnlyCollection<ImageVariant> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
            return 0;
        var ids = rows.Select(row => row.Id).ToList();
        return await db.Set<ImageVariant>().Where(variant => ids.Contains(variant.Id)).ExecuteDeleteAsync(cancellationToken);
    }

    public static Task SetUsedAsync(
        GenApiDbContext db, IReadOnlyCollection<Guid> ids, DateOnly day, CancellationToken cancellationToken) =>
        db.Set<ImageVariant>().Where(variant => ids.Contains(variant.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(variant => variant.UsedOn, day), cancellationToken);
}

/// <summary>The result of adding a variant.</summary>
/// <param name="Row">The row that is there now, made by this call or another one; null: the image was deleted.</param>
/// <param name="Removed">Rows that made room for it.</param>
internal sealed record AddedVariant(ImageVariant? Row, IReadOnlyList<ImageVariant> Removed);
