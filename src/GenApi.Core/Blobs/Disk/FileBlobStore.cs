using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Database;

namespace GenApi.Core.Blobs.Disk;

/// <summary>
/// Stores blobs as files, <c>&lt;folder&gt;/ab/abcd…</c>. A file is written to <c>&lt;folder&gt;/tmp</c>, flushed and renamed, and its
/// folder is flushed: a visible name always has all its bytes, even after a power cut. There is one level of 256 folders. A second one
/// would cost a third flush for each of the first 65,536 blobs, and gains nothing below some ten million.
/// </summary>
internal sealed partial class FileBlobStore(string folder, DurableFiles files, TimeProvider time) : IBlobMedium, IDisposable
{
    private const string TempSuffix = ".part";

    private readonly string _root = Path.GetFullPath(folder);
    private readonly string _temp = Path.Combine(Path.GetFullPath(folder), "tmp");
    private readonly string _quarantine = Path.Combine(Path.GetFullPath(folder), "quarantine");
    private readonly ConcurrentDictionary<string, bool> _durableFolders = new();
    private readonly DiskThreads _threads = new();
    private readonly BlobTotal _total = new();
    private readonly LastWrite _last = new(time);
    private readonly FileReceipts _receipts = new(Path.Combine(Path.GetFullPath(folder), "tmp"), files);
    private readonly BlobFolder _folder = new(Path.GetFullPath(folder), Path.Combine(Path.GetFullPath(folder), "tmp"));

    public long? TotalBytes => _total.Bytes;

    public GenApiException? Fault => _folder.Fault;

    public bool AlwaysReads => true;

    public IReadOnlyDictionary<string, string> Facts { get; } = new Dictionary<string, string>();

    public ValueTask<bool> IsEmptyAsync(CancellationToken cancellationToken) => ValueTask.FromResult(
        !Directory.EnumerateDirectories(_root).Where(IsHome).Any(each => Directory.EnumerateFiles(each).Any()));

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

    public bool? Knows(string key, long? length) =>
        new FileInfo(PathOf(key)) is { Exists: true, Length: var found } && (length is null || found == length);

    public ValueTask<BlobInfo?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (new FileInfo(PathOf(key)) is { Exists: true } file)
            return ValueTask.FromResult<BlobInfo?>(InfoOf(file));
        return _folder.IsOurs ? ValueTask.FromResult<BlobInfo?>(null) : ValueTask.FromException<BlobInfo?>(_folder.Fault!);
    }

    public bool IsCurrent(in BlobStamp stamp) =>
        new FileInfo(stamp.Source) is { Exists: true } file && file.Length == stamp.Length && file.LastWriteTimeUtc == stamp.At;

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

    public Task<Stream?> OpenReceiptAsync(string receipt, CancellationToken cancellationToken) => Task.FromResult(_receipts.Open(receipt));

    public Task<IReadOnlyList<string>> ListReceiptsAsync(CancellationToken cancellationToken) => Task.FromResult(_receipts.List());

    public Task DropReceiptAsync(string receipt, CancellationToken cancellationToken)
    {
        _receipts.Drop(receipt);
        return Task.CompletedTask;
    }

    public ValueTask<BlobContent?> OpenAsync(string key, BlobRange range, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return ValueTask.FromResult<BlobContent?>(OpenFile(PathOf(key)));
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            // A missing file is an absent blob only while the store itself is there: an unmounted volume is a failure.
            if (exception is FileNotFoundException or DirectoryNotFoundException && _folder.IsOurs)
                return ValueTask.FromResult<BlobContent?>(null);
            return ValueTask.FromException<BlobContent?>(StorageFailure.From(exception));
        }
    }

    public async Task<BlobContent?> OpenVerifiedAsync(string key, CancellationToken cancellationToken) =>
        (await VerifyAsync(key, null, isDeep: true, cancellationToken)).Verdict == BlobVerdict.Whole
            ? await OpenAsync(key, BlobRange.All, cancellationToken)
            : null;

    public Uri? LinkTo(string key, in BlobLink link) => null;

    public Task<bool> DeleteAsync(string key, Func<bool> mayStill, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return _threads.RunAsync(() =>
        {
            if (new FileInfo(path) is not { Exists: true, Length: var length })
                return false;
            if (!mayStill())
                throw new OperationCanceledException("The deletion came too late: another instance may act by now.");
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
                yield return InfoOf(file);
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
                !(IsHome(each) && IsBlob(file)) && !(each == _temp && file.Extension == FileReceipts.Suffix)))
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
            .Where(file => file.Extension is TempSuffix or FileReceipts.Suffix && file.LastWriteTimeUtc < before.UtcDateTime)
            .ToList();
        abandoned.ForEach(file => files.Delete(file.FullName));
        return abandoned.Count;
    }, cancellationToken);

    public bool TryLink(string key, string path) => files.TryLink(PathOf(key), path);

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

    private static FileContent OpenFile(string path)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            return new FileContent(handle, RandomAccess.GetLength(handle), path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public void Dispose() => _threads.Dispose();

    private static bool IsHome(string path) =>
        Path.GetFileName(path.AsSpan()) is { Length: 2 } name && !name.ContainsAnyExcept(BlobKey.Digits);

    private static bool IsBlob(FileInfo file) =>
        BlobKey.IsValid(file.Name) && file.Name.StartsWith(file.Directory!.Name, StringComparison.Ordinal);

    private static BlobInfo InfoOf(FileInfo file) => new(file.Name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));

    private BlobLeftover Leftover(string path, bool isHalfWritten) => new(Path.GetRelativePath(_root, path), isHalfWritten);

    private string PathOf(string key) => Path.Combine(_root, BlobKey.Checked(key)[..2], key);
}
