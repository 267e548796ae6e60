namespace GenApi.Core.Blobs;

/// <summary>An open blob: readable at any place, by several readers at once, and to the end even if it is deleted meanwhile.</summary>
public abstract class BlobContent : IDisposable
{
    public abstract long Length { get; }

    /// <summary>
    /// The whole blob where the store happens to hold it in memory; valid until <see cref="Dispose"/>, and never to be written to.
    /// </summary>
    public virtual bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <summary>Up to <c>buffer.Length</c> bytes from <paramref name="offset"/>; 0 at the end.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken);

    public abstract void Dispose();
}
