using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Reading;

/// <summary>Keeps the bytes of input files for unfinished generations, whatever becomes of the image or upload they came from.</summary>
internal sealed class GenerationBlobs : IBlobUser
{
    public string Kind => "generation";

    public string Prefix => PublicId.Generation;

    // The hash stands in a text. Only the unfinished rows are searched, which have a separate index.
    public Task<bool> UsesAsync(GenApiDbContext db, string blobKey, CancellationToken cancellationToken) =>
        Open(db).AnyAsync(generation => generation.InputFiles!.Contains(blobKey), cancellationToken);

    public async Task<IReadOnlyCollection<string>> UsedOfAsync(
        GenApiDbContext db, string[] blobKeys, CancellationToken cancellationToken) =>
        [.. (await ListAsync(db, cancellationToken)).Select(each => each.BlobKey).Intersect(blobKeys)];

    public async Task<long> CountAsync(GenApiDbContext db, CancellationToken cancellationToken) =>
        (await ListAsync(db, cancellationToken)).Count;

    public async Task<IReadOnlyList<BlobReference>> NextAsync(
        GenApiDbContext db, string after, int atMost, CancellationToken cancellationToken) =>
        [.. (await ListAsync(db, cancellationToken)).GroupBy(each => each.BlobKey).Where(each => string.CompareOrdinal(each.Key, after) > 0)
            .OrderBy(each => each.Key, StringComparer.Ordinal).Take(atMost).SelectMany(each => each)];

    /// <summary>Does nothing: a generation without its input fails by itself.</summary>
    public Task<bool> MarkLostAsync(GenApiDbContext db, Guid id, DateTimeOffset? since, CancellationToken cancellationToken) =>
        Task.FromResult(false);

    private static IQueryable<Generation> Open(GenApiDbContext db) =>
        db.Set<Generation>().AsNoTracking().Where(generation => generation.CompletedAt == null && generation.InputFiles != null);

    private static async Task<List<BlobReference>> ListAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        var rows = await Open(db).Select(generation => new { generation.Id, generation.InputFiles }).ToListAsync(cancellationToken);
        return
        [
            .. rows.SelectMany(
                row => GenerationFile.Read(row.InputFiles),
                (row, file) => new BlobReference { Id = row.Id, BlobKey = file.Sha256, Length = null, IsLost = false }),
        ];
    }
}
