using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Bin;

/// <summary>Removes for good what has been in the bin for its time. Rows go first, bytes second.</summary>
internal sealed partial class BinSweep(
    IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, BinClock clock, GenerationCache cache, ImageLibrary images,
    ILogger<BinSweep> logger)
{
    /// <summary>Rows in one transaction, which makes other writers wait for some milliseconds.</summary>
    private const int RowsPerStep = 50;

    /// <summary>Removes all that is due. While nothing is, it only reads an index with the rows of the bin.</summary>
    /// <returns>How many images and files were removed.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await RestampAsync(cancellationToken);
        var removed = 0;
        for (var step = RowsPerStep; step == RowsPerStep; removed += step)
            step = await StepAsync(cancellationToken);
        if (removed > 0)
            Log.Emptied(logger, removed);
        return removed;
    }

    /// <summary>
    /// Lets the time of images begin now where the clock of an earlier process was ahead of ours: they stay no longer than their time from
    /// here.
    /// </summary>
    private async Task RestampAsync(CancellationToken cancellationToken)
    {
        var now = clock.Now;
        if (!await contexts.ReadAsync(
            db => db.Set<StoredImage>().AnyAsync(image => image.BinnedAt > now, cancellationToken), cancellationToken))
            return;
        await writer.WriteAsync(
            (db, token) => db.Set<StoredImage>().Where(image => image.BinnedAt > now)
                .ExecuteUpdateAsync(set => set.SetProperty(image => image.BinnedAt, now), token),
            cancellationToken);
    }

    private async Task<int> StepAsync(CancellationToken cancellationToken)
    {
        var oldest = clock.Oldest;
        if (!await contexts.ReadAsync(
            db => db.Set<StoredImage>().AnyAsync(image => image.BinnedAt <= oldest, cancellationToken), cancellationToken))
            return 0;
        var (removed, owners) = await writer.FreeAsync(async (db, token) =>
        {
            var due = await db.Set<StoredImage>().AsNoTracking().Where(image => image.BinnedAt <= oldest)
                .OrderBy(image => image.BinnedAt).Take(RowsPerStep).ToListAsync(token);
            var ids = due.ConvertAll(image => image.GenerationId);
            var rows = await db.Set<Generation>().Where(row => ids.Contains(row.Id)).ToListAsync(token);
            var gone = await ImageLibrary.RemoveRowsAsync(db, due, token);
            foreach (var row in rows)
            {
                row.MarkIncomplete();
                row.Touch();
            }
            await db.SaveChangesAsync(token);
            return (gone, rows);
        }, cancellationToken);
        owners.ForEach(cache.Remove);
        await images.ForgetAsync(removed, CancellationToken.None);
        return removed.Count;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Removed {Images} images and files whose time in the bin was over")]
        public static partial void Emptied(ILogger logger, int images);
    }
}
