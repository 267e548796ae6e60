using GenApi.Core.Accounts.Usage;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Images.Library;

/// <summary>
/// Refuses to start with an empty blob store while the database lists images. An unmounted volume looks like that; without this check every
/// image would count as lost and be paid for again. It also refuses a bucket with images of which the database knows none: it belongs to
/// another database, and the sweep of unused blobs would delete them.
/// </summary>
internal sealed class BlobsAtStart(
    IBlobMaintenance blobs, IDbContextFactory<GenApiDbContext> contexts, IEnumerable<IBlobUser> users, IOptions<BlobsOptions> options,
    TimeProvider time) : IPreparation
{
    /// <summary>A younger blob may be what a crash left of the first image of all.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromHours(1);

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (await blobs.IsEmptyAsync(cancellationToken))
        {
            if (await HasImagesAsync(cancellationToken))
            {
                throw new SettingException(
                    options.Value.IsS3 ? "Blobs:S3:Bucket" : "DataDirectory", "the image store is empty, though the database names "
                        + "images. Mount or restore it; or run fsck --repair to record that they are lost.");
            }
        }
        else if (options.Value.IsS3 && !await KnowsAnyAsync(cancellationToken) && await HasOldAsync(cancellationToken))
        {
            throw new SettingException(
                "Blobs:S3:Prefix", "the bucket has images that this database does not know. Restore their database, or choose another "
                    + "prefix for a new one.");
        }
    }

    /// <summary>Returns whether any row needs bytes or ever did: the ledger outlives all images.</summary>
    private async Task<bool> KnowsAnyAsync(CancellationToken cancellationToken)
    {
        if (await contexts.ReadAsync(db => db.Set<UsageEntry>().AnyAsync(cancellationToken), cancellationToken)
            || await contexts.ReadAsync(db => db.Set<BlobRemoval>().AnyAsync(cancellationToken), cancellationToken))
            return true;
        foreach (var user in users)
        {
            if ((await contexts.ReadAsync(db => user.NextAsync(db, "", 1, cancellationToken), cancellationToken)).Count > 0)
                return true;
        }
        return false;
    }

    private async Task<bool> HasOldAsync(CancellationToken cancellationToken)
    {
        var old = time.GetUtcNow() - Young;
        return await blobs.ListAsync(cancellationToken).AnyAsync(blob => blob.ModifiedAt < old, cancellationToken);
    }

    private Task<bool> HasImagesAsync(CancellationToken cancellationToken) => contexts.ReadAsync(
        db => db.AnyAsync("""SELECT 1 FROM "Images" WHERE "LostAt" IS NULL LIMIT 1""", cancellationToken), cancellationToken);
}
