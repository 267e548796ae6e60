using GenApi.Core.Blobs;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>Removes bytes that nothing needs: blobs without a row, and files of writes that did not finish.</summary>
internal sealed partial class BlobSweep(
    IDbContextFactory<GenApiDbContext> contexts, IBlobMaintenance blobs, IEnumerable<IBlobUser> users, ImageLibrary images,
    ILogger<BlobSweep> logger)
{
    /// <summary>No write, and no row that is on its way, takes nearly as long.</summary>
    private static readonly TimeSpan SurelyDead = TimeSpan.FromDays(1);

    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var abandoned = await blobs.RemoveAbandonedAsync(now - SurelyDead, cancellationToken);
        var found = await OrphanBlobs.FindAsync(contexts, blobs, users, cancellationToken);
        var (removed, bytes) = (0, 0L);
        if (found.IsSuspicious)
            Log.Suspicious(logger, found.Orphans.Count, found.All);
        else
        {
            foreach (var orphan in found.Orphans.Where(blob => blob.ModifiedAt < now - SurelyDead))
            {
                // Checks the rows once more, and waits for a request that is about to use the blob.
                if (!await images.DeleteUnusedAsync(orphan.Key, cancellationToken))
                    continue;
                removed++;
                bytes += orphan.Length;
            }
        }
        if (removed + abandoned > 0)
            Log.Swept(logger, removed, bytes, abandoned);
        await blobs.CountAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Information,
            "Removed {Blobs} blobs that no row needs ({Bytes} bytes) and {Files} half-written files")]
        public static partial void Swept(ILogger logger, int blobs, long bytes, int files);

        [LoggerMessage(
            2, LogLevel.Warning, "{Orphans} of {All} blobs have no row: the database is probably the wrong one, so none is removed. Run "
                + "fsck")]
        public static partial void Suspicious(ILogger logger, int orphans, int all);
    }
}
