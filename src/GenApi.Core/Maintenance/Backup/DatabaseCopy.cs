using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Backup;

/// <summary>
/// The database of a backup. It is copied as of one moment while the service keeps writing, then prepared for a restart.
/// </summary>
internal sealed class DatabaseCopy(GenApiDbContext copy, DateTimeOffset takenAt) : IAsyncDisposable
{
    public GenApiDbContext Rows => copy;

    public DateTimeOffset TakenAt => takenAt;

    public static async Task<DatabaseCopy> TakeAsync(
        IDbContextFactory<GenApiDbContext> contexts, string path, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            // Before the copy: it may lack what the service does from now on.
            var takenAt = time.GetUtcNow();
            return new DatabaseCopy(await db.CopyToAsync(path, cancellationToken), takenAt);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>
    /// Marks the waiting generations of the copy as unconfirmed: the running service may have sent them since, and they may be billed. A
    /// service started from the copy searches for their predictions first, and sends only what was never made.
    /// </summary>
    /// <returns>The number of unfinished generations.</returns>
    public async Task<int> MarkUnconfirmedAsync(TimeSpan longestRun, CancellationToken cancellationToken)
    {
        var open = await copy.Set<Generation>().Where(row => row.CompletedAt == null).ToListAsync(cancellationToken);
        foreach (var row in open)
            row.ContinueFromCopy(takenAt, takenAt, longestRun);
        await copy.SaveChangesAsync(cancellationToken);
        return open.Count;
    }

    /// <summary>Drops the variants of images, whose bytes are not in the backup. A restored service makes them again.</summary>
    public Task DropVariantsAsync(CancellationToken cancellationToken) =>
        copy.Set<ImageVariant>().ExecuteDeleteAsync(cancellationToken);

    /// <summary>Checks the copy.</summary>
    /// <exception cref="GenApiException">The source database is damaged.</exception>
    public async Task RequireWholeAsync(CancellationToken cancellationToken)
    {
        if (await copy.DamagesAsync(mayWrite: true, cancellationToken) is { Count: > 0 } damages)
        {
            throw new GenApiException(
                ErrorKind.StorageUnavailable, $"The database is damaged, so it is not backed up: {damages[0]} Run fsck.");
        }
    }

    /// <summary>Flushes a file to the disk and returns its hash and length.</summary>
    public static async Task<(string Sha256, long Bytes)> SealAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
        return (Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)), file.Length);
    }

    public ValueTask DisposeAsync() => copy.DisposeAsync();
}
