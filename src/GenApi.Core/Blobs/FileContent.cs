using Microsoft.Win32.SafeHandles;

namespace GenApi.Core.Blobs;

internal sealed class FileContent(SafeFileHandle handle, long length) : BlobContent
{
    public override long Length => length;

    // Synchronous on purpose: what was just written or is asked for lies in the page cache, and a change of threads for each 64 kB costs
    // more than reading them.
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
