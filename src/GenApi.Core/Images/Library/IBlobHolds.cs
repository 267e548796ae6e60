using GenApi.Core.Persistence;

namespace GenApi.Core.Images.Library;

/// <summary>
/// Keeps the deletion of unused bytes apart from rows that are about to need the same bytes: in one process by pins
/// (<see cref="BlobPins"/>), between several by time (<see cref="SharedBlobHolds"/>).
/// </summary>
public interface IBlobHolds
{
    /// <summary>Protects bytes from deletion. Call it before they are committed to the store.</summary>
    /// <exception cref="Errors.GenApiException">
    /// StorageUnavailable, transient: they are being deleted. Store them again in a while.
    /// </exception>
    Task<BlobHold> HoldAsync(string key, CancellationToken cancellationToken);

    /// <summary>Deletes bytes that nothing needs and nobody holds, now or after a while.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isUsed">Whether a row needs them, as seen by a given context.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if they were there, and are deleted or will be.</returns>
    Task<bool> DeleteUnlessAsync(
        string key, Func<GenApiDbContext, CancellationToken, Task<bool>> isUsed, CancellationToken cancellationToken);

    /// <summary>The bytes that will be deleted after a while, as far as this process knows.</summary>
    long PendingBytes { get; }
}

/// <summary>The protection of bytes whose row is on its way.</summary>
public abstract class BlobHold
{
    /// <summary>Checks that the protection still holds. Call it in the transaction that adds the row.</summary>
    /// <exception cref="Errors.GenApiException">StorageUnavailable, transient: it took too long; store the bytes again.</exception>
    public abstract void Require(GenApiDbContext db);

    /// <summary>Ends the protection, once the row is committed or given up.</summary>
    public abstract void Release();
}
