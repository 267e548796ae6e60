namespace GenApi.Core.Blobs;

/// <summary>An open blob. Several readers can read it at once, at any offset, and to the end even if it is deleted meanwhile.</summary>
public abstract class BlobContent : IDisposable
{
    public abstract long Length { get; }

    /// <summary>
    /// Returns the whole blob if the store holds it in memory. The bytes are valid until <see cref="Dispose"/> and must never be written
    /// to.
    /// </summary>
    public virtual bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <summary>Reads up to <c>buffer.Length</c> bytes from <paramref name="offset"/>; 0 at the end.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken);

    public abstract void Dispose();
}
