using GenApi.Core.Errors;

namespace GenApi.Core.Blobs;

/// <summary>Puts a memory cache before the store of any medium.</summary>
internal sealed class HotBlobStore : IBlobStore, IBlobMaintenance, IDisposable
{
    private readonly IBlobMedium _medium;
    private readonly HotBlobs _hot;

    public HotBlobStore(IBlobMedium medium, BlobsOptions options) =>
        (_medium, _hot) = (medium, new(options.HotBytes, options.HotBlobBytes));

    public GenApiException? Fault => _medium.Fault;

    public IReadOnlyDictionary<string, string> Facts => _medium.Facts;

    public bool AlwaysReads => _medium.AlwaysReads;

    public long? TotalBytes => _medium.TotalBytes;

    public Task<StagedBlob> StageAsync(string? receipt, CancellationToken cancellationToken) =>
        _medium.StageAsync(receipt, cancellationToken);

    public ValueTask<BlobContent?> OpenAsync(string key, BlobRange range, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (OpenHot(key) is { } hot)
            return ValueTask.FromResult<BlobContent?>(hot);
        var opening = _medium.OpenAsync(key, range, cancellationToken);
        if (!opening.IsCompletedSuccessfully)
            return LoadAsync(key, range, opening, cancellationToken);
        var content = opening.Result;
        return content is null || !range.IsAll || !_hot.TryReserve(key, content.Length)
            ? ValueTask.FromResult(content)
            : new(LoadAsync(key, content, cancellationToken));
    }

    public ValueTask<BlobContent?> OpenOnceAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return OpenHot(key) is { } hot
            ? ValueTask.FromResult<BlobContent?>(hot)
            : _medium.OpenOnceAsync(key, cancellationToken);
    }

    public async Task<BlobContent?> OpenVerifiedAsync(string key, CancellationToken cancellationToken)
    {
        var content = await _medium.OpenVerifiedAsync(key, cancellationToken);
        // Those in memory may be the damaged ones, and a remote store does not say that they are no longer current.
        _hot.Forget(key);
        return content;
    }

    public ValueTask<BlobInfo?> FindAsync(string key, CancellationToken cancellationToken) => _medium.FindAsync(key, cancellationToken);

    public bool? Knows(string key, long? length) => _medium.Knows(key, length);

    public Task<bool> DeleteAsync(string key, Func<bool> mayStill, CancellationToken cancellationToken)
    {
        _hot.Forget(key);
        return _medium.DeleteAsync(key, mayStill, cancellationToken);
    }

    public Uri? LinkTo(string key, in BlobLink link) => _medium.LinkTo(key, link);

    public Task CheckAsync(CancellationToken cancellationToken) => _medium.CheckAsync(cancellationToken);

    public Task PrepareAsync(CancellationToken cancellationToken) => _medium.PrepareAsync(cancellationToken);

    public ValueTask<bool> IsEmptyAsync(CancellationToken cancellationToken) => _medium.IsEmptyAsync(cancellationToken);

    public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => _medium.ListAsync(cancellationToken);

    public IAsyncEnumerable<BlobLeftover> ListLeftoversAsync(CancellationToken cancellationToken) =>
        _medium.ListLeftoversAsync(cancellationToken);

    public Task<bool> QuarantineAsync(string key, CancellationToken cancellationToken)
    {
        _hot.Forget(key);
        return _medium.QuarantineAsync(key, cancellationToken);
    }

    public async Task<(BlobVerdict Verdict, long Length)> VerifyAsync(
        string key, long? length, bool isDeep, CancellationToken cancellationToken)
    {
        var found = await _medium.VerifyAsync(key, length, isDeep, cancellationToken);
        if (found.Verdict != BlobVerdict.Whole)
            _hot.Forget(key);
        return found;
    }

    public Task CountAsync(CancellationToken cancellationToken) => _medium.CountAsync(cancellationToken);

    public Task<int> RemoveAbandonedAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        _medium.RemoveAbandonedAsync(before, cancellationToken);

    public Task TryWriteAsync(CancellationToken cancellationToken) => _medium.TryWriteAsync(cancellationToken);

    public bool TryLink(string key, string path) => _medium.TryLink(key, path);

    public void Dispose() => (_medium as IDisposable)?.Dispose();

    private HotContent? OpenHot(string key)
    {
        if (!_hot.TryLease(key, out var entry))
            return null;
        // Bytes that are gone from the medium are also gone from the service.
        if (_medium.IsCurrent(entry.Stamp))
            return new HotContent(entry);
        entry.Dispose();
        _hot.Forget(key);
        return null;
    }

    private async ValueTask<BlobContent?> LoadAsync(
        string key, BlobRange range, ValueTask<BlobContent?> opening, CancellationToken cancellationToken)
    {
        var content = await opening;
        return content is null || !range.IsAll || !_hot.TryReserve(key, content.Length)
            ? content
            : await LoadAsync(key, content, cancellationToken);
    }

    /// <summary>Reads a blob into memory, where its room is reserved already.</summary>
    private async Task<BlobContent?> LoadAsync(string key, BlobContent content, CancellationToken cancellationToken)
    {
        using (content)
        {
            try
            {
                var stamp = content.Stamp;
                var bytes = GC.AllocateUninitializedArray<byte>((int)content.Length);
                for (var at = 0; at < bytes.Length;)
                {
                    var read = await content.ReadAsync(bytes.AsMemory(at), at, cancellationToken);
                    at += read > 0 ? read : throw StorageFailure.From(new EndOfStreamException("The blob became shorter."));
                }
                return new HotContent(_hot.Admit(key, bytes, stamp));
            }
            catch
            {
                _hot.CancelReservation(key, content.Length);
                throw;
            }
        }
    }
}
