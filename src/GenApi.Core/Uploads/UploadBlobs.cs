using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Uploads;

internal sealed class UploadBlobs : IBlobUser
{
    public Task<bool> UsesAsync(GenApiDbContext db, string blobKey, CancellationToken cancellationToken) =>
        db.Set<Upload>().AnyAsync(upload => upload.BlobKey == blobKey, cancellationToken);
}
