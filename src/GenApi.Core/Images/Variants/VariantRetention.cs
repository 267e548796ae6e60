using System.Collections.Concurrent;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Images.Variants;

/// <summary>
/// Records which variants are used, in memory first, and removes the longest unused. A removed variant is made again when it is asked for.
/// </summary>
internal sealed class VariantRetention(
    IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, ImageLibrary images, TimeProvider time)
{
    /// <summary>Rows in one transaction, which makes other writers wait for some milliseconds.</summary>
    private const int RowsPerStep = 100;

    private readonly ConcurrentDictionary<Guid, bool> _used = new();

    /// <summary>Today, in UTC.</summary>
    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Notes a use; a second one on the same day costs a comparison.</summary>
    public void Used(KeptVariant variant)
    {
        if (variant.IsFirstUseOn(Today))
            _used[variant.Id] = true;
    }

    /// <summary>Saves the uses since the last call.</summary>
    /// <exception cref="Errors.GenApiException">They could not be saved; none is forgotten.</exception>
    public async Task SaveUsesAsync(CancellationToken cancellationToken)
    {
        var day = Today;
        foreach (var step in _used.Keys.Chunk(RowsPerStep))
        {
            await writer.WriteAsync((db, token) => VariantRows.SetUsedAsync(db, step, day, token), cancellationToken);
            foreach (var id in step)
                _used.TryRemove(id, out _);
        }
    }

    /// <summary>Takes one step: removes the longest unused variants.</summary>
    /// <param name="notUsedSince">Variants used on this day or later stay.</param>
    /// <param name="bytes">How many bytes to free; null: all that the day allows.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>How many were removed; 0: none is left to remove.</returns>
    public async Task<int> RemoveAsync(DateOnly notUsedSince, long? bytes, CancellationToken cancellationToken)
    {
        await SaveUsesAsync(cancellationToken);
        var rows = await contexts.ReadAsync(
            db => VariantRows.LeastUsedAsync(db, notUsedSince, RowsPerStep, cancellationToken), cancellationToken);
        if (bytes is { } enough)
        {
            var freed = 0L;
            rows = [.. rows.TakeWhile(row => (freed += row.Bytes) - row.Bytes < enough)];
        }
        if (rows.Count == 0)
            return 0;
        await writer.FreeAsync((db, token) => VariantRows.RemoveAsync(db, rows, token), cancellationToken);
        await FreeAsync(rows);
        return rows.Count;
    }

    /// <summary>Deletes the bytes of removed rows, unless another row needs them.</summary>
    public async Task FreeAsync(IReadOnlyCollection<ImageVariant> removed)
    {
        foreach (var key in removed.Select(row => row.BlobKey).Distinct())
            await images.DeleteUnusedAsync(key, CancellationToken.None);
    }
}
