using Microsoft.Win32.SafeHandles;

namespace GenApi.Core.Blobs;

/// <summary>A temporary file of <see cref="FileBlobStore"/>.</summary>
internal sealed class StagedFile(FileBlobStore store, DurableFiles files, string path) : StagedBlob
{
    private readonly SafeFileHandle _handle = files.Create(path);

    public string Path => path;

    /// <summary>It has its final name now; nothing is left to delete.</summary>
    public bool Published { get; set; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await files.WriteAsync(_handle, bytes, Length, cancellationToken);
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            throw store.Failed(exception, Length + bytes.Length);
        }
        Length += bytes.Length;
    }

    public override int Read(Span<byte> buffer, long offset)
    {
        try
        {
            return RandomAccess.Read(_handle, buffer, offset);
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            throw StorageFailure.From(exception);
        }
    }

    public bool Flush()
    {
        files.Flush(_handle);
        return true;
    }

    public override Task<BlobCommit> CommitAsync(string key, CancellationToken cancellationToken) => store.PublishAsync(this, key, cancellationToken);

    public override ValueTask DisposeAsync()
    {
        _handle.Dispose();
        if (!Published)
        {
            try
            {
                files.Delete(path);
            }
            catch (Exception exception) when (StorageFailure.Is(exception))
            {
                // The next start removes it; the caller's own failure must not be hidden by this one.
                return ValueTask.CompletedTask;
            }
        }
        return ValueTask.CompletedTask;
    }
}
