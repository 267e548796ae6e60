using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Backup;

/// <summary>
/// The database of a backup: as it was at one moment, taken while the service writes on, and then made fit to be started from.
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
            // Before the copy: what the service does from now on may not be in it.
            var takenAt = time.GetUtcNow();
            return new DatabaseCopy(await db.CopyToAsync(path, cancellationToken), takenAt);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>
    /// What waits in the copy may have been sent since by the service that goes on, and be billed. So in the copy it is uncertain: whoever starts
    /// from it looks for the prediction first, and sends only what was never made.
    /// </summary>
    /// <returns>How many are not finished.</returns>
    public async Task<int> DoubtWhatWaitsAsync(TimeSpan longestRun, CancellationToken cancellationToken)
    {
        var open = await copy.Set<Generation>().Where(row => row.CompletedAt == null).ToListAsync(cancellationToken);
        foreach (var row in open)
        {
            row.ReleaseLease();
            if (row is { Status: GenerationStatus.Queued, SubmittingAt: null })
                row.MarkSubmitting(takenAt, takenAt, longestRun);
            row.Touch();
        }
        await copy.SaveChangesAsync(cancellationToken);
        return open.Count;
    }

    /// <exception cref="GenApiException">The database it was copied from is damaged.</exception>
    public async Task RequireWholeAsync(CancellationToken cancellationToken)
    {
        if (await copy.DamagesAsync(mayWrite: true, cancellationToken) is { Count: > 0 } damages)
            throw new GenApiException(ErrorKind.StorageUnavailable, $"The database is damaged, so there is no sense in keeping it: {damages[0]} Run fsck.");
    }

    /// <summary>Closes it, puts it on the disk, and tells its hash.</summary>
    public static async Task<(string Sha256, long Bytes)> SealAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
        return (Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)), file.Length);
    }

    public ValueTask DisposeAsync() => copy.DisposeAsync();
}
