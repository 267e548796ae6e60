using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Images.Library;

/// <summary>
/// Refuses a start on an empty blob store while the database names images: a volume that is not mounted looks like that, and every image
/// would be taken for lost and
/// be paid for again. The database is asked only when the store is empty.
/// </summary>
internal sealed class BlobsAtStart(IBlobStore blobs, IDbContextFactory<GenApiDbContext> contexts) : IPreparation
{
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (blobs.IsEmpty && await contexts.ReadAsync(db => db.Set<StoredImage>().AnyAsync(image => image.LostAt == null, cancellationToken), cancellationToken))
        {
            throw new SettingException("DataDirectory", "the image store is empty, though the database names images. Mount or restore it; "
                + "or run fsck --repair, which writes down that they are lost.");
        }
    }
}
