using Microsoft.Win32.SafeHandles;

namespace GenApi.Core.Blobs;

/// <summary>An open file.</summary>
/// <param name="handle">The file, which is closed with the content.</param>
/// <param name="length">Its length in bytes.</param>
/// <param name="path">Its path, by which a copy in memory is compared with it; empty: it is never held in memory.</param>
internal sealed class FileContent(SafeFileHandle handle, long length, string path = "") : BlobContent
{
    public override long Length => length;

    internal override BlobStamp Stamp => new(path, length, File.GetLastWriteTimeUtc(handle));

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
