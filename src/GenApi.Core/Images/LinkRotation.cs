using GenApi.Core.Accounts.Audit;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;

namespace GenApi.Core.Images;

/// <summary>Ends all lasting links at once, for when one of them got into the wrong hands.</summary>
public sealed class LinkRotation(
    LastingLinks links, DataDirectory directory, DurableFiles files, DatabaseWriter writer, AuditLog audit)
{
    private const string Act = "links.rotate";

    /// <summary>Replaces the key of lasting links. Links issued before are refused from now on; images stay as they are.</summary>
    /// <param name="by">The actor, for the audit log.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">StorageFull or StorageUnavailable: the links hold as before.</exception>
    public async Task RotateAsync(Actor by, CancellationToken cancellationToken)
    {
        var entry = await writer.WriteAsync(async (db, token) =>
        {
            var added = audit.Add(db, by, Act);
            await db.SaveChangesAsync(token);
            // Last, and under the lock of the database: no rotation goes without its entry, and two of them write one after the other.
            await links.ReplaceKeyAsync(db, token);
            files.FlushFolder(directory.Root);
            return added;
        }, cancellationToken);
        links.Forget();
        audit.LogCommitted(entry);
    }
}
