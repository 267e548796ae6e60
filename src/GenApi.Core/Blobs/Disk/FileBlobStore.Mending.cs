using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.Disk;

/// <summary>Finds bytes that do not match their key, moves them to quarantine, and replaces them with good ones.</summary>
internal sealed partial class FileBlobStore
{
    /// <summary>Held while a file is moved to quarantine, so that the good file that has just replaced it stays in place.</summary>
    private readonly Lock _mending = new();

    public Task<bool> QuarantineAsync(string key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return _threads.RunAsync(() =>
        {
            lock (_mending)
                return PutAside(key, path);
        }, cancellationToken);
    }

    public Task<(BlobVerdict Verdict, long Length)> VerifyAsync(
        string key, long? length, bool isDeep, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return _threads.RunAsync(() =>
        {
            // Bytes that match the hash have the right length, whatever a row says.
            if (BlobBytes.AreOf(path, key, out var found))
                return (BlobVerdict.Whole, found);
            lock (_mending)
            {
                if (BlobBytes.AreOf(path, key, out found))
                    return (BlobVerdict.Whole, found);
                if (found < 0)
                    return _folder.IsOurs ? (BlobVerdict.Missing, 0L) : throw _folder.Fault!;
                PutAside(key, path);
                return (BlobVerdict.Damaged, found);
            }
        }, cancellationToken);
    }

    /// <returns>False if there was no such file.</returns>
    private bool PutAside(string key, string path)
    {
        if (new FileInfo(path) is not { Exists: true, Length: var length })
            return false;
        files.CreateFolder(_quarantine);
        files.FlushFolder(_root);
        var aside = Path.Combine(_quarantine, key);
        for (var copy = 2; File.Exists(aside); copy++)
            aside = Path.Combine(_quarantine, $"{key}.{copy}");
        files.Rename(path, aside);
        _total.Add(-length);
        files.FlushFolder(_quarantine);
        return true;
    }

    private void Place(StagedFile staged, string key, string path, string home)
    {
        staged.Flush();
        MakeDurable(home);
        _receipts.Leave(staged.Receipt, staged.Path);
        lock (_mending)
        {
            if (!IsGood(key, path))
                PutAside(key, path);
            var before = new FileInfo(path) is { Exists: true, Length: var length } ? length : 0;
            Rename(staged, path, home);
            _total.Add(staged.Length - before);
        }
    }

    /// <summary>
    /// Checks a stored file. An unreadable file is treated like a damaged one: it goes to quarantine and is never deleted.
    /// </summary>
    private static bool IsGood(string key, string path)
    {
        try
        {
            return File.Exists(path) && BlobBytes.AreOf(path, key, out _);
        }
        catch (Exception failure) when (StorageFailure.Is(failure))
        {
            return false;
        }
    }

    /// <summary>Records a failed write, and for a full disk also the size of that write.</summary>
    internal GenApiException Failed(Exception failure, long length) => Remembered(StorageFailure.From(failure), length);

    private GenApiException Remembered(GenApiException fault, long length)
    {
        _last.Failed(fault);
        if (fault.Kind == ErrorKind.StorageFull)
            _folder.WasFull(length);
        return fault;
    }
}
