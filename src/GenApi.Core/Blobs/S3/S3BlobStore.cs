using System.Security.Cryptography;
using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.S3;

/// <summary>
/// Stores blobs as objects of an S3 bucket: <c>blobs/&lt;key&gt;</c>. Bytes on their way are in a local temporary file, because their key
/// and length must be known first. An object appears whole or not at all, and the same bytes may be put any number of times.
/// </summary>
internal sealed partial class S3BlobStore : IBlobMedium, IDisposable
{
    private const string TooLate = "The deletion came too late: another instance may act by now.";
    private const string TempSuffix = ".part";
    private const string Folder = "blobs/", Quarantined = "quarantine/";

    /// <summary>Bytes in memory stand for their blob for this long; other instances may have removed it.</summary>
    private static readonly TimeSpan LongestInMemory = TimeSpan.FromMinutes(10);

    private readonly string _temp;
    private readonly DurableFiles _files;
    private readonly S3Bucket _bucket;
    private readonly S3Identity _identity;
    private readonly S3Receipts _receipts;
    private readonly S3Health _health;
    private readonly DiskThreads _threads = new();
    private readonly BlobTotal _total = new();
    private readonly S3Options _options;
    private S3Abilities? _abilities;

    /// <param name="options">The bucket.</param>
    /// <param name="temp">A local folder for bytes on their way into the store.</param>
    /// <param name="files">Writes to that folder.</param>
    /// <exception cref="SettingException">A setting is missing or can't be right.</exception>
    public S3BlobStore(S3Options options, string temp, DurableFiles files)
    {
        S3Start.Check(options);
        (_options, _temp, _files) = (options, Path.GetFullPath(temp), files);
        _bucket = new S3Bucket(options);
        _identity = new S3Identity(_bucket);
        _receipts = new S3Receipts(_bucket);
        _health = new S3Health(TryWriteAsync);
        _bucket.Failed = _health.Failed;
    }

    public GenApiException? Fault => _health.Fault;

    public bool AlwaysReads => false;

    public long? TotalBytes => _total.Bytes;

    public IReadOnlyDictionary<string, string> Facts => _abilities?.Facts ?? S3Abilities.None;

    public Task<StagedBlob> StageAsync(string? receipt, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = Path.Combine(_temp, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) + TempSuffix);
        try
        {
            return Task.FromResult<StagedBlob>(new StagedFile(_files, path, PublishAsync, Failed) { Receipt = receipt });
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            return Task.FromException<StagedBlob>(Failed(exception, 0));
        }
    }

    public ValueTask<BlobContent?> OpenAsync(string key, BlobRange range, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(OpenObjectAsync(NameOf(key), range, cancellationToken));
    }

    public async Task<BlobContent?> OpenVerifiedAsync(string key, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_temp, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) + TempSuffix);
        if (await DownloadAsync(key, path, cancellationToken) is not { } hash)
            return null;
        if (hash == key)
            return new FileContent(OpenTemporary(path), new FileInfo(path).Length);
        _files.Delete(path);
        await QuarantineAsync(key, cancellationToken);
        return null;
    }

    public async ValueTask<BlobInfo?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (await _bucket.HeadAsync(NameOf(key), cancellationToken) is { } found)
            return new BlobInfo(key, found.ContentLength, S3Bucket.TimeOf(found.LastModified));
        await _identity.RequireAsync(cancellationToken);
        return null;
    }

    public bool? Knows(string key, long? length) => null;

    public bool IsCurrent(in BlobStamp stamp) => TimeProvider.System.GetUtcNow().UtcDateTime - stamp.At < LongestInMemory;

    public async Task<bool> DeleteAsync(string key, Func<bool> mayStill, CancellationToken cancellationToken)
    {
        if (await FindAsync(key, cancellationToken) is not { } found)
            return false;
        try
        {
            if (!mayStill())
                throw new OperationCanceledException(TooLate);
            await S3HttpClients.OnlyIfAsync(mayStill, () => _bucket.DeleteAsync(NameOf(key), cancellationToken));
        }
        catch (GenApiException failure) when (!mayStill())
        {
            throw new OperationCanceledException(TooLate, failure);
        }
        _total.Add(-found.Length);
        return true;
    }

    public Uri? LinkTo(string key, in BlobLink link) => _bucket.LinkTo(NameOf(key), link);

    public Task<Stream?> OpenReceiptAsync(string receipt, CancellationToken cancellationToken) => _receipts.OpenAsync(
        receipt, async (key, token) => await OpenAsync(key, BlobRange.All, token) is { } content ? new BlobStream(content) : null,
        cancellationToken);

    public Task<IReadOnlyList<string>> ListReceiptsAsync(CancellationToken cancellationToken) => _receipts.ListAsync(cancellationToken);

    public Task DropReceiptAsync(string receipt, CancellationToken cancellationToken) => _receipts.DropAsync(receipt, cancellationToken);

    public Task CheckAsync(CancellationToken cancellationToken) =>
        Fault is { } fault ? Task.FromException(fault) : Task.CompletedTask;

    public void Dispose()
    {
        _health.Dispose();
        _bucket.Dispose();
        _threads.Dispose();
    }

    private static string NameOf(string key) => Folder + BlobKey.Checked(key);

    private async Task<BlobContent?> OpenObjectAsync(string name, BlobRange range, CancellationToken cancellationToken)
    {
        if (await S3Content.OpenAsync(_bucket, name, range, cancellationToken) is { } content)
            return content;
        await _identity.RequireAsync(cancellationToken);
        return null;
    }

    /// <summary>A failed write to the local folder.</summary>
    private static GenApiException Failed(Exception failure, long length) => StorageFailure.From(failure);
}
