using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Database;
using Microsoft.Win32.SafeHandles;

namespace GenApi.Core.Blobs;

/// <summary>
/// Stores blobs as files, <c>&lt;folder&gt;/ab/abcd…</c>. A file is written to <c>&lt;folder&gt;/tmp</c>, flushed and renamed, and its
/// folder is flushed: a visible name always has all its bytes, even after a power cut. There is one level of 256 folders. A second one
/// would cost a third flush for each of the first 65,536 blobs, and gains nothing below some ten million.
/// </summary>
internal sealed partial class FileBlobStore(string folder, DurableFiles files, BlobsOptions options, TimeProvider time)
    : IBlobStore, IDisposable
{
    private const string TempSuffix = ".part";

    private readonly string _root = Path.GetFullPath(folder);
    private readonly string _temp = Path.Combine(Path.GetFullPath(folder), "tmp");
    private readonly string _quarantine = Path.Combine(Path.GetFullPath(folder), "quarantine");
    private readonly ConcurrentDictionary<string, bool> _durableFolders = new();
    private readonly HotBlobs _hot = new(options.HotBytes, options.HotBlobBytes);
    private readonly DiskThreads _threads = new();
    private readonly BlobTotal _total = new();
    private readonly LastWrite _last = new(time);
    private readonly BlobReceipts _receipts = new(Path.Combine(Path.GetFullPath(folder), "tmp"), files);
    private readonly BlobFolder _folder = new(Path.GetFullPath(folder), Path.Combine(Path.GetFullPath(folder), "tmp"));

    public long? TotalBytes => _total.Bytes;

    public GenApiException? Fault => _folder.Fault;

    public bool IsEmpty => !Directory.EnumerateDirectories(_root).Where(IsHome).Any(each => Directory.EnumerateFiles(each).Any());

    public async Task PrepareAsync(CancellationToken cancellationToken) => await _threads.RunAsync(() =>
    {
        files.CreateFolder(_root);
        files.CreateFolder(_temp);
        files.FlushFolder(Path.GetDirectoryName(_root) ?? _root);
        files.FlushFolder(_root);
        foreach (var made in Directory.EnumerateDirectories(_root))
            _durableFolders[made] = true;
        foreach (var leftover in Directory.EnumerateFiles(_temp, "*" + TempSuffix))
            files.Delete(leftover);
        _folder.Remember();
        return true;
    }, cancellationToken);

    public bool Has(string key, long? length) =>
        new FileInfo(PathOf(key)) is { Exists: true, Length: var found } && (length is null || found == length);

    public Task<StagedBlob> StageAsync(string? receipt, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = Path.Combine(_temp, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) + TempSuffix);
        try
        {
            return Task.FromResult<StagedBlob>(new StagedFile(files, path, PublishAsync, Failed) { Receipt = receipt });
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            return Task.FromException<StagedBlob>(Failed(exception, 0));
        }
    }

    public Stream? OpenReceipt(string receipt) => _receipts.Open(receipt);

    public IReadOnlyList<string> ListReceipts() => _receipts.List();

    public void DropReceipt(string receipt) => _receipts.Drop(receipt);

    public ValueTask<BlobContent?> OpenAsync(string key, CancellationToken cancellationToken) =>
        OpenAsync(key, mayLoad: true, cancellationToken);

    public ValueTask<BlobContent?> OpenOnceAsync(string key, CancellationToken cancellationToken) =>
        OpenAsync(key, mayLoad: false, cancellationToken);

    private ValueTask<BlobContent?> OpenAsync(string key, bool mayLoad, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return ValueTask.FromResult<BlobContent?>(OpenHot(key) ?? OpenFile(key, PathOf(key), mayLoad));
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            // A missing file is an absent blob only while the store itself is there: an unmounted volume is a failure.
            if (exception is FileNotFoundException or DirectoryNotFoundException && _folder.IsOurs)
                return ValueTask.FromResult<BlobContent?>(null);
            return ValueTask.FromException<BlobContent?>(StorageFailure.From(exception));
        }
    }

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return _threads.RunAsync(() =>
        {
            _hot.Forget(key);
            if (new FileInfo(path) is not { Exists: true, Length: var length })
                return false;
            // Not flushed: a deletion undone by a power cut leaves a blob without a row, which the sweeper finds.
            files.Delete(path);
            _total.Add(-length);
            return true;
        }, cancellationToken);
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folders = await _threads.RunAsync(() => Directory.GetDirectories(_root), cancellationToken);
        foreach (var each in folders.Where(IsHome))
        {
            var found = await _threads.RunAsync(() => new DirectoryInfo(each).GetFiles(), cancellationToken);
            foreach (var file in found.Where(IsBlob))
                yield return new BlobInfo(file.Name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));
        }
    }

    public async IAsyncEnumerable<BlobLeftover> ListLeftoversAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in await _threads.RunAsync(() => Directory.GetFiles(_root), cancellationToken))
            yield return Leftover(file, isHalfWritten: false);
        var folders = await _threads.RunAsync(() => Directory.GetDirectories(_root), cancellationToken);
        foreach (var each in folders.Where(path => path != _quarantine))
        {
            var found = await _threads.RunAsync(
                () => new DirectoryInfo(each).GetFiles("*", SearchOption.AllDirectories), cancellationToken);
            foreach (var file in found.Where(file =>
                !(IsHome(each) && IsBlob(file)) && !(each == _temp && file.Extension == BlobReceipts.Suffix)))
                yield return Leftover(file.FullName, isHalfWritten: each == _temp && file.Extension == TempSuffix);
        }
    }

    public async Task TryWriteAsync(CancellationToken cancellationToken)
    {
        if (_folder.Fault is { } fault)
            throw fault;
        await using var probe = (StagedFile)await StageAsync(null, cancellationToken);
        await probe.WriteAsync("?"u8.ToArray(), cancellationToken);
        await RunAsync(probe.Flush, probe.Length, cancellationToken);
        _last.Succeeded();
    }

    public Task CheckAsync(CancellationToken cancellationToken) =>
        (_folder.Fault ?? _folder.Crowded) is { } fault
            ? Task.FromException(fault)
            : _last.CheckAsync(() => TryWriteAsync(cancellationToken));

    public async Task CountAsync(CancellationToken cancellationToken)
    {
        var (snapshot, bytes) = (_total.Snapshot, 0L);
        await foreach (var blob in ListAsync(cancellationToken))
            bytes += blob.Length;
        _total.Counted(bytes, snapshot);
    }

    public Task<int> RemoveAbandonedAsync(DateTimeOffset before, CancellationToken cancellationToken) => _threads.RunAsync(() =>
    {
        var abandoned = new DirectoryInfo(_temp).GetFiles()
            .Where(file => file.Extension is TempSuffix or BlobReceipts.Suffix && file.LastWriteTimeUtc < before.UtcDateTime)
            .ToList();
        abandoned.ForEach(file => files.Delete(file.FullName));
        return abandoned.Count;
    }, cancellationToken);

    /// <summary>Gives a blob a second name outside the store, which stays when the blob is deleted; false if that is impossible.</summary>
    internal bool TryLink(string key, string to) => files.TryLink(PathOf(key), to);

    /// <summary>Flushes, renames, then flushes the folder: never in another order.</summary>
    internal Task<BlobCommit> PublishAsync(StagedFile staged, string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        var home = Path.GetDirectoryName(path)!;
        return RunAsync(() =>
        {
            // The stored file may have been damaged since, even by one bit of the same length; good bytes are at hand.
            var isThere = IsGood(key, path);
            if (isThere)
                _receipts.Leave(staged.Receipt, path);
            else
                Place(staged, key, path, home);
            // This also applies to a blob that already existed: the writer that renamed it may not have flushed yet, and our caller's row
            // must not be committed first.
            files.FlushFolder(home);
            _last.Succeeded();
            return isThere ? BlobCommit.AlreadyThere : BlobCommit.Stored;
        }, staged.Length, cancellationToken);
    }

    /// <summary>Runs a write and records its failure.</summary>
    private async Task<T> RunAsync<T>(Func<T> write, long length, CancellationToken cancellationToken)
    {
        try
        {
            return await _threads.RunAsync(write, cancellationToken);
        }
        catch (GenApiException fault)
        {
            throw Remembered(fault, length);
        }
    }

    private void Rename(StagedFile staged, string path, string home)
    {
        try
        {
            files.Rename(staged.Path, path);
        }
        catch (DirectoryNotFoundException)
        {
            _durableFolders.TryRemove(home, out _);
            throw;
        }
        staged.Published = true;
    }

    private void MakeDurable(string home)
    {
        if (_durableFolders.ContainsKey(home))
            return;
        files.CreateFolder(home);
        files.FlushFolder(_root);
        _durableFolders[home] = true;
    }

    private HotContent? OpenHot(string key)
    {
        if (!_hot.TryLease(key, out var entry))
            return null;
        // One look at the file: bytes that are gone from the disk are also gone from the service.
        var file = new FileInfo(entry.Path);
        if (file.Exists && file.Length == entry.Bytes.Length && file.LastWriteTimeUtc == entry.Modified)
            return new HotContent(entry);
        entry.Dispose();
        _hot.Forget(key);
        return null;
    }

    private BlobContent OpenFile(string key, string path, bool mayLoad)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            var length = RandomAccess.GetLength(handle);
            if (!mayLoad || !_hot.TryReserve(key, length))
                return new FileContent(handle, length);
            using (handle)
                return new HotContent(Load(key, path, handle, length));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private HotBlobs.Entry Load(string key, string path, SafeFileHandle handle, long length)
    {
        try
        {
            var modified = File.GetLastWriteTimeUtc(handle);
            var bytes = GC.AllocateUninitializedArray<byte>((int)length);
            for (var at = 0; at < bytes.Length;)
            {
                var read = RandomAccess.Read(handle, bytes.AsSpan(at), at);
                at += read > 0 ? read : throw new EndOfStreamException("The file became shorter while it was read.");
            }
            return _hot.Admit(key, bytes, path, modified);
        }
        catch
        {
            _hot.CancelReservation(key, length);
            throw;
        }
    }

    public void Dispose() => _threads.Dispose();

    private static bool IsHome(string path) =>
        Path.GetFileName(path.AsSpan()) is { Length: 2 } name && !name.ContainsAnyExcept(BlobKey.Digits);

    private static bool IsBlob(FileInfo file) =>
        BlobKey.IsValid(file.Name) && file.Name.StartsWith(file.Directory!.Name, StringComparison.Ordinal);

    private BlobLeftover Leftover(string path, bool isHalfWritten) => new(Path.GetRelativePath(_root, path), isHalfWritten);

    private string PathOf(string key) => Path.Combine(_root, BlobKey.Checked(key)[..2], key);
}
