using GenApi.Core.Blobs;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>Bytes that nobody will ever ask for: without a row, or of a write that never came to its end.</summary>
internal sealed partial class BlobSweep(
    IDbContextFactory<GenApiDbContext> contexts, IBlobStore blobs, IEnumerable<IBlobUser> users, ImageLibrary images, ILogger<BlobSweep> logger)
{
    /// <summary>No write and no row on its way takes nearly as long.</summary>
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
                // Asks the rows once more, and waits for whoever is about to use it.
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
        [LoggerMessage(1, LogLevel.Information, "Removed {Blobs} blobs that no row needs ({Bytes} bytes) and {Files} files that were never written to their end")]
        public static partial void Swept(ILogger logger, int blobs, long bytes, int files);

        [LoggerMessage(2, LogLevel.Warning, "{Orphans} of {All} blobs have no row: rather the database is the wrong one, so none is removed. Run fsck")]
        public static partial void Suspicious(ILogger logger, int orphans, int all);
    }
}
