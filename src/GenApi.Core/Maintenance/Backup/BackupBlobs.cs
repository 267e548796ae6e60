using System.Collections.Concurrent;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;

namespace GenApi.Core.Maintenance.Backup;

/// <summary>
/// The bytes of a backup. A blob never changes, so a second name for the same bytes is as good as a copy on the same file system; elsewhere it
/// is copied and flushed. Either way all of it is read, and its hash compared.
/// </summary>
internal sealed class BackupBlobs(IBlobStore blobs, DurableFiles files, BackupFolder folder, string? earlier)
{
    private readonly ConcurrentDictionary<string, Kept> _kept = new();

    /// <summary>What the backup has, by key.</summary>
    public IReadOnlyDictionary<string, Kept> All => _kept;

    /// <summary>False when the store has no such blob, or no longer, or can't read it.</summary>
    public async Task<bool> KeepAsync(string key, CancellationToken cancellationToken)
    {
        if (_kept.ContainsKey(key))
            return true;
        if (!BlobKey.IsValid(key))
            return false;
        var path = folder.HomeOf(key);
        if (await TryEarlierAsync(key, path, cancellationToken))
            return true;
        if (blobs is FileBlobStore disk && disk.TryLink(key, path))
        {
            _kept[key] = await ReadAsync(key, path, isShared: true, cancellationToken);
            return true;
        }
        try
        {
            using var content = await blobs.OpenAsync(key, cancellationToken);
            if (content is null)
                return false;
            _kept[key] = await CopyAsync(key, content, path, cancellationToken);
            return true;
        }
        catch (GenApiException)
        {
            // One bad sector must not keep all other images out of the backup.
            File.Delete(path);
            return false;
        }
    }

    /// <summary>It is not needed after all.</summary>
    public void Drop(string key)
    {
        if (_kept.TryRemove(key, out _))
            File.Delete(folder.HomeOf(key));
    }

    /// <summary>From an earlier backup where it still has the right bytes; else it comes from the store again.</summary>
    private async Task<bool> TryEarlierAsync(string key, string path, CancellationToken cancellationToken)
    {
        var before = earlier is null ? null : Path.Combine(earlier, BackupFolder.BlobsName, key[..2], key);
        if (before is null || !File.Exists(before) || !files.TryLink(before, path))
            return false;
        var kept = await ReadAsync(key, path, isShared: true, cancellationToken);
        if (kept.IsSound)
            _kept[key] = kept;
        else
            File.Delete(path);
        return kept.IsSound;
    }

    private static async Task<Kept> ReadAsync(string key, string path, bool isShared, CancellationToken cancellationToken)
    {
        var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        using var content = new FileContent(handle, RandomAccess.GetLength(handle));
        try
        {
            return new Kept(content.Length, isShared, await BlobHash.OfAsync(content, cancellationToken) == key);
        }
        catch (GenApiException)
        {
            return new Kept(content.Length, isShared, IsSound: false);
        }
    }

    private async Task<Kept> CopyAsync(string key, BlobContent content, string path, CancellationToken cancellationToken)
    {
        using var file = files.Create(path);
        var at = 0L;
        var hash = await BlobHash.OfAsync(content, cancellationToken, async piece =>
        {
            await files.WriteAsync(file, piece, at, cancellationToken);
            at += piece.Length;
        });
        files.Flush(file);
        return new Kept(at, IsShared: false, hash == key);
    }

    /// <param name="Length">In bytes.</param>
    /// <param name="IsShared">A second name rather than a copy.</param>
    /// <param name="IsSound">Its bytes are those of its hash.</param>
    internal readonly record struct Kept(long Length, bool IsShared, bool IsSound);
}
