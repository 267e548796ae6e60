using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.S3.Model;
using GenApi.Core.Errors;
using Microsoft.Win32.SafeHandles;

namespace GenApi.Core.Blobs.S3;

/// <summary>Listing, comparing and cleaning up.</summary>
internal sealed partial class S3BlobStore
{
    private const int PageLength = 1000, PieceLength = 256 << 10;

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await _threads.RunAsync(() =>
        {
            _files.CreateFolder(_temp);
            return true;
        }, cancellationToken);
        _abilities = await S3Start.TryAsync(_options, async () =>
        {
            await IsEmptyAsync(cancellationToken);
            var found = await S3Abilities.FindAsync(_bucket, cancellationToken);
            await _identity.BeginAsync(found.HasConditionalPut, cancellationToken);
            return found;
        });
        if (!_abilities.HasRanges)
            throw new SettingException($"{S3Options.Section}:Endpoint", "the server can't send a part of an object (Range). Use another.");
    }

    public async ValueTask<bool> IsEmptyAsync(CancellationToken cancellationToken) =>
        !await _bucket.ListAsync(Folder, 1, cancellationToken).AnyAsync(cancellationToken);

    public async IAsyncEnumerable<BlobInfo> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var each in _bucket.ListAsync(Folder, PageLength, cancellationToken))
        {
            if (each.Name[Folder.Length..] is var key && BlobKey.IsValid(key))
                yield return new BlobInfo(key, each.Length, each.ModifiedAt);
        }
    }

    public async IAsyncEnumerable<BlobLeftover> ListLeftoversAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var each in _bucket.ListAsync("", PageLength, cancellationToken))
        {
            if (!IsOurs(each.Name))
                yield return new BlobLeftover(each.Name, IsHalfWritten: false);
        }
        await foreach (var upload in ListUploadsAsync(cancellationToken))
            yield return new BlobLeftover(upload.Key[_options.Prefix.Length..], IsHalfWritten: true);
    }

    public async Task<bool> QuarantineAsync(string key, CancellationToken cancellationToken)
    {
        if (await FindAsync(key, cancellationToken) is not { } found)
            return false;
        // Through this machine: it is rare, and small servers do not read the name of the source as the SDK writes it.
        await using (var copy = (StagedFile)await StageAsync(null, cancellationToken))
        {
            if (!await ReadAllAsync(key, bytes => copy.WriteAsync(bytes, cancellationToken), cancellationToken))
                return false;
            if (copy.Length > PartLength)
                await PutLargeAsync(copy, Quarantined + key);
            else
                await TryPutAsync(copy, Quarantined + key, isConditional: false);
        }
        await _bucket.DeleteAsync(NameOf(key), cancellationToken);
        _total.Add(-found.Length);
        return true;
    }

    public async Task<(BlobVerdict Verdict, long Length)> VerifyAsync(
        string key, long? length, bool isDeep, CancellationToken cancellationToken)
    {
        if (await FindAsync(key, cancellationToken) is not { } found)
            return (BlobVerdict.Missing, 0);
        var isWhole = length is null || found.Length == length;
        if (isWhole && isDeep)
        {
            if (await HashAsync(key, null, cancellationToken) is not { } hash)
                return (BlobVerdict.Missing, 0);
            isWhole = hash == key;
        }
        if (!isWhole)
            await QuarantineAsync(key, cancellationToken);
        return (isWhole ? BlobVerdict.Whole : BlobVerdict.Damaged, found.Length);
    }

    public async Task CountAsync(CancellationToken cancellationToken)
    {
        var (snapshot, bytes) = (_total.Snapshot, 0L);
        await foreach (var blob in ListAsync(cancellationToken))
            bytes += blob.Length;
        _total.Counted(bytes, snapshot);
    }

    public async Task<int> RemoveAbandonedAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var removed = await _threads.RunAsync(() =>
        {
            var abandoned = new DirectoryInfo(_temp).GetFiles("*" + TempSuffix)
                .Where(file => file.LastWriteTimeUtc < before.UtcDateTime).ToList();
            abandoned.ForEach(file => _files.Delete(file.FullName));
            return abandoned.Count;
        }, cancellationToken);
        await foreach (var upload in ListUploadsAsync(cancellationToken))
        {
            if (S3Bucket.TimeOf(upload.Initiated) >= before)
                continue;
            await AbortAsync(upload.Key, upload.UploadId, cancellationToken);
            removed++;
        }
        await foreach (var receipt in _bucket.ListAsync(S3Receipts.Folder, PageLength, cancellationToken))
        {
            if (receipt.ModifiedAt >= before)
                continue;
            await _bucket.DeleteAsync(receipt.Name, cancellationToken);
            removed++;
        }
        return removed;
    }

    public bool TryLink(string key, string path) => false;

    private static bool IsOurs(string name) =>
        name == S3Identity.Name
        || name.StartsWith(Quarantined, StringComparison.Ordinal)
        || name.StartsWith(S3Receipts.Folder, StringComparison.Ordinal)
        // Trials of other instances, which are there for a moment.
        || name.StartsWith("tmp/", StringComparison.Ordinal)
        || (name.StartsWith(Folder, StringComparison.Ordinal) && BlobKey.IsValid(name[Folder.Length..]));

    /// <summary>Lists uploads in parts that were neither completed nor aborted.</summary>
    private async IAsyncEnumerable<MultipartUpload> ListUploadsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? key = null, id = null; ;)
        {
            var page = await UploadsAsync(key, id, cancellationToken);
            foreach (var upload in page?.MultipartUploads ?? [])
                yield return upload;
            if (page is not { IsTruncated: true, NextKeyMarker: { Length: > 0 } next })
                yield break;
            (key, id) = (next, page.NextUploadIdMarker);
        }
    }

    /// <returns>Null where the server can't list uploads: it removes them itself, or its operator does.</returns>
    private async Task<ListMultipartUploadsResponse?> UploadsAsync(string? afterKey, string? afterId, CancellationToken cancellationToken)
    {
        try
        {
            return await _bucket.CallAsync(
                (client, token) => client.ListMultipartUploadsAsync(
                    new ListMultipartUploadsRequest
                    {
                        BucketName = _bucket.Name,
                        Prefix = _bucket.ObjectOf(Folder),
                        KeyMarker = afterKey,
                        UploadIdMarker = afterId,
                    },
                    token),
                cancellationToken);
        }
        catch (GenApiException failure) when (S3Failure.IsUnsupported(failure))
        {
            return null;
        }
    }

    /// <summary>Writes a blob to a local file.</summary>
    /// <returns>The hash of its bytes; null if there is none, and then there is no file either.</returns>
    private async Task<string?> DownloadAsync(string key, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var file = _files.Create(path);
            if (await HashAsync(key, file, cancellationToken) is { } hash)
                return hash;
        }
        catch (Exception failure)
        {
            _files.Delete(path);
            if (StorageFailure.Is(failure))
                throw StorageFailure.From(failure);
            throw;
        }
        _files.Delete(path);
        return null;
    }

    /// <summary>Reads all bytes, and writes them to a file if there is one.</summary>
    /// <returns>Their SHA-256; null if there is no such blob.</returns>
    private async Task<string?> HashAsync(string key, SafeFileHandle? file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var at = 0L;
        var isThere = await ReadAllAsync(key, async bytes =>
        {
            hash.AppendData(bytes.Span);
            if (file is not null)
                await _files.WriteAsync(file, bytes, at, cancellationToken);
            at += bytes.Length;
        }, cancellationToken);
        return isThere ? Convert.ToHexStringLower(hash.GetHashAndReset()) : null;
    }

    /// <summary>Reads all bytes, piece by piece.</summary>
    /// <returns>False if there is no such blob.</returns>
    private async Task<bool> ReadAllAsync(string key, Func<ReadOnlyMemory<byte>, ValueTask> take, CancellationToken cancellationToken)
    {
        using var content = await OpenAsync(key, BlobRange.All, cancellationToken);
        if (content is null)
            return false;
        var buffer = new byte[Math.Clamp(content.Length, 1, PieceLength)];
        for (var at = 0L; await content.ReadAsync(buffer, at, cancellationToken) is var read and > 0; at += read)
            await take(buffer.AsMemory(0, read));
        return true;
    }

    /// <summary>Opens a temporary file that is deleted when it is closed.</summary>
    private static SafeFileHandle OpenTemporary(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.DeleteOnClose);
}
