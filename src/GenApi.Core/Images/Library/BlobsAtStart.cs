using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Images.Library;

/// <summary>
/// Refuses to start with an empty blob store while the database lists images. An unmounted volume looks like that; without this check every
/// image would count as lost and be paid for again. The database is read only if the store is empty.
/// </summary>
internal sealed class BlobsAtStart(IBlobStore blobs, IDbContextFactory<GenApiDbContext> contexts) : IPreparation
{
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (blobs.IsEmpty && await HasImagesAsync(cancellationToken))
        {
            throw new SettingException("DataDirectory", "the image store is empty, though the database names images. Mount or restore it; "
                + "or run fsck --repair to record that they are lost.");
        }
    }

    private Task<bool> HasImagesAsync(CancellationToken cancellationToken) => contexts.ReadAsync(
        db => db.Set<StoredImage>().AnyAsync(image => image.LostAt == null, cancellationToken), cancellationToken);
}
