using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Images.Library;

/// <summary>A table with a blob key in each row and an index on it.</summary>
/// <param name="kind">See <see cref="IBlobUser.Kind"/>.</param>
/// <param name="prefix">See <see cref="IBlobUser.Prefix"/>.</param>
/// <param name="rows">The references in a database; further filters and orders are translated to SQL with it.</param>
internal sealed class BlobTable(string kind, string prefix, Func<GenApiDbContext, IQueryable<BlobReference>> rows) : IBlobUser
{
    public string Kind => kind;

    public string Prefix => prefix;

    public bool IsDerived { get; init; }

    /// <summary>See <see cref="IBlobUser.MarkLostAsync"/>; null if rows can't record it.</summary>
    public Func<GenApiDbContext, Guid, DateTimeOffset?, CancellationToken, Task>? MarkLost { get; init; }

    public Task<bool> UsesAsync(GenApiDbContext db, string blobKey, CancellationToken cancellationToken) =>
        rows(db).AnyAsync(row => row.BlobKey == blobKey, cancellationToken);

    public async Task<IReadOnlyCollection<string>> UsedOfAsync(
        GenApiDbContext db, string[] blobKeys, CancellationToken cancellationToken) =>
        await rows(db).Where(row => blobKeys.Contains(row.BlobKey)).Select(row => row.BlobKey).Distinct().ToListAsync(cancellationToken);

    public Task<long> CountAsync(GenApiDbContext db, CancellationToken cancellationToken) => rows(db).LongCountAsync(cancellationToken);

    public async Task<IReadOnlyList<BlobReference>> NextAsync(
        GenApiDbContext db, string after, int atMost, CancellationToken cancellationToken)
    {
        var keys = await rows(db).Select(row => row.BlobKey).Distinct().Where(key => string.Compare(key, after) > 0)
            .OrderBy(key => key).Take(atMost).ToListAsync(cancellationToken);
        return await rows(db).Where(row => keys.Contains(row.BlobKey)).OrderBy(row => row.BlobKey).ToListAsync(cancellationToken);
    }

    public async Task<bool> MarkLostAsync(GenApiDbContext db, Guid id, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        if (MarkLost is null)
            return false;
        await MarkLost(db, id, since, cancellationToken);
        return true;
    }
}
