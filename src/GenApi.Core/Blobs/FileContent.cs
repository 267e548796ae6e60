using Microsoft.Win32.SafeHandles;

namespace GenApi.Core.Blobs;

internal sealed class FileContent(SafeFileHandle handle, long length) : BlobContent
{
    public override long Length => length;

    // Synchronous on purpose: bytes that were just written or are requested often lie in the page cache, and a thread switch per 64 kB
    // costs more than reading them.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        try
        {
            return ValueTask.FromResult(RandomAccess.Read(handle, buffer.Span, offset));
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            return ValueTask.FromException<int>(StorageFailure.From(exception));
        }
    }

    public override void Dispose() => handle.Dispose();
}
