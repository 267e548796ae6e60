using System.Collections.Concurrent;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;

namespace GenApi.Core.Maintenance.Backup;

/// <summary>
/// Stores the bytes of a backup. A blob never changes, so on the same file system a hard link is as good as a copy; elsewhere the blob is
/// copied and flushed. Either way it is read completely and its hash is compared.
/// </summary>
internal sealed class BackupBlobs(
    IBlobStore blobs, IBlobMaintenance maintenance, DurableFiles files, BackupFolder folder, string? earlier)
{
    private readonly ConcurrentDictionary<string, StoredBlob> _stored = new();

    /// <summary>The blobs in the backup, by key.</summary>
    public IReadOnlyDictionary<string, StoredBlob> All => _stored;

    /// <summary>Adds a blob to the backup.</summary>
    /// <returns>False when the store does not have it (any more) or can't read it.</returns>
    public async Task<bool> AddAsync(string key, CancellationToken cancellationToken)
    {
        if (_stored.ContainsKey(key))
            return true;
        if (!BlobKey.IsValid(key))
            return false;
        var path = folder.PathOf(key);
        if (await TryEarlierAsync(key, path, cancellationToken))
            return true;
        if (maintenance.TryLink(key, path))
        {
            _stored[key] = await ReadAsync(key, path, isShared: true, cancellationToken);
            return true;
        }
        try
        {
            using var content = await blobs.OpenOnceAsync(key, cancellationToken);
            if (content is null)
                return false;
            _stored[key] = await CopyAsync(key, content, path, cancellationToken);
            return true;
        }
        catch (GenApiException)
        {
            // One bad sector must not end the backup of all other images.
            File.Delete(path);
            return false;
        }
    }

    /// <summary>Removes a blob that no row of the backup needs.</summary>
    public void Drop(string key)
    {
        if (_stored.TryRemove(key, out _))
            File.Delete(folder.PathOf(key));
    }

    /// <summary>Links a blob from the earlier backup, if its bytes there are still right.</summary>
    private async Task<bool> TryEarlierAsync(string key, string path, CancellationToken cancellationToken)
    {
        var before = earlier is null ? null : Path.Combine(earlier, BackupFolder.BlobsName, key[..2], key);
        if (before is null || !File.Exists(before) || !files.TryLink(before, path))
            return false;
        var stored = await ReadAsync(key, path, isShared: true, cancellationToken);
        if (stored.IsSound)
            _stored[key] = stored;
        else
            File.Delete(path);
        return stored.IsSound;
    }

    private static async Task<StoredBlob> ReadAsync(string key, string path, bool isShared, CancellationToken cancellationToken)
    {
        var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        using var content = new FileContent(handle, RandomAccess.GetLength(handle));
        try
        {
            return new StoredBlob(content.Length, isShared, await BlobHash.OfAsync(content, cancellationToken) == key);
        }
        catch (GenApiException)
        {
            return new StoredBlob(content.Length, isShared, IsSound: false);
        }
    }

    private async Task<StoredBlob> CopyAsync(string key, BlobContent content, string path, CancellationToken cancellationToken)
    {
        using var file = files.Create(path);
        var at = 0L;
        var hash = await BlobHash.OfAsync(content, cancellationToken, async piece =>
        {
            await files.WriteAsync(file, piece, at, cancellationToken);
            at += piece.Length;
        });
        files.Flush(file);
        return new StoredBlob(at, IsShared: false, hash == key);
    }

    /// <summary>A blob of the backup.</summary>
    /// <param name="Length">In bytes.</param>
    /// <param name="IsShared">A hard link rather than a copy.</param>
    /// <param name="IsSound">The bytes match the hash.</param>
    internal readonly record struct StoredBlob(long Length, bool IsShared, bool IsSound);
}
