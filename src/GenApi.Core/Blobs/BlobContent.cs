namespace GenApi.Core.Blobs;

/// <summary>An open blob. Several readers can read it at once, at any offset, and to the end even if it is deleted meanwhile.</summary>
public abstract class BlobContent : IDisposable
{
    /// <summary>The length of the whole blob, whatever part of it was asked for.</summary>
    public abstract long Length { get; }

    /// <summary>Identifies the bytes as they are now, for <see cref="IBlobMedium.IsCurrent"/>.</summary>
    internal virtual BlobStamp Stamp => default;

    /// <summary>
    /// Returns the whole blob if the store holds it in memory. The bytes are valid until <see cref="Dispose"/> and must never be written
    /// to.
    /// </summary>
    public virtual bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <summary>
    /// Reads up to <c>buffer.Length</c> bytes from <paramref name="offset"/>; 0 at the end. A remote store streams reads that follow each
    /// other; any other read costs a request.
    /// </summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken);

    public abstract void Dispose();
}

/// <summary>The identity of bytes that were read into memory.</summary>
/// <param name="Source">Where they came from, in the words of the medium.</param>
/// <param name="Length">In bytes.</param>
/// <param name="At">A time by which the medium recognises them.</param>
internal readonly record struct BlobStamp(string Source, long Length, DateTime At);
