using GenApi.Core.Blobs;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Images.Library;

/// <summary>The holds of the one process that uses the store. It deletes at once.</summary>
internal sealed class LocalBlobHolds(IDbContextFactory<GenApiDbContext> contexts, IBlobStore blobs) : IBlobHolds, IDisposable
{
    private readonly BlobPins _pins = new();

    public long PendingBytes => 0;

    public async Task<BlobHold> HoldAsync(string key, CancellationToken cancellationToken)
    {
        await _pins.PinAsync(key, cancellationToken);
        return new Pin(_pins, key);
    }

    public Task<bool> DeleteUnlessAsync(
        string key, Func<GenApiDbContext, CancellationToken, Task<bool>> isUsed, CancellationToken cancellationToken) =>
        _pins.UnlessPinnedAsync(
            key,
            async () => !await contexts.ReadAsync(db => isUsed(db, cancellationToken), cancellationToken)
                && await blobs.DeleteAsync(key, cancellationToken),
            cancellationToken);

    public void Dispose() => _pins.Dispose();

    private sealed class Pin(BlobPins pins, string key) : BlobHold
    {
        public override void Require(GenApiDbContext db)
        {
            // A pin does not end by itself.
        }

        public override void Release() => pins.Release(key);
    }
}
