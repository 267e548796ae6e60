using GenApi.Core.Errors;
using Microsoft.Win32.SafeHandles;

namespace GenApi.Core.Blobs;

/// <summary>Bytes on their way into the store, in a local temporary file.</summary>
/// <param name="files">Writes the file.</param>
/// <param name="path">Its temporary name.</param>
/// <param name="publish">Moves the bytes to their key.</param>
/// <param name="failed">Records a failed write of that many bytes and returns the error for callers.</param>
internal sealed class StagedFile(
    DurableFiles files, string path,
    Func<StagedFile, string, CancellationToken, Task<BlobCommit>> publish, Func<Exception, long, GenApiException> failed) : StagedBlob
{
    private readonly SafeFileHandle _handle = files.Create(path);

    public string Path => path;

    public SafeFileHandle Handle => _handle;

    /// <summary>True if the file itself has become the blob; then nothing is left to delete.</summary>
    public bool Published { get; set; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await files.WriteAsync(_handle, bytes, Length, cancellationToken);
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            throw failed(exception, Length + bytes.Length);
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

    public override Task<BlobCommit> CommitAsync(string key, CancellationToken cancellationToken) => publish(this, key, cancellationToken);

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
                // The next start removes it; this failure must not hide the caller's own.
                return ValueTask.CompletedTask;
            }
        }
        return ValueTask.CompletedTask;
    }
}
