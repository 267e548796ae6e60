namespace GenApi.Core.Blobs;

/// <summary>
/// Bytes on their way into the store. They are always kept locally until the commit (a remote store needs the key and the length before
/// it takes them), so they can be read back at any place for nothing. For one caller at a time. Disposing without a commit leaves no trace.
/// </summary>
public abstract class StagedBlob : IAsyncDisposable
{
    /// <summary>How many bytes have been written.</summary>
    public long Length { get; protected set; }

    /// <summary>
    /// Under this name the bytes are found again after a crash (<see cref="IBlobStore.OpenReceipt"/>), from the moment at which they are safe: before anybody can have
    /// written down their key. Letters, digits and hyphens; null: they are not.
    /// </summary>
    public string? Receipt { get; init; }

    /// <summary>Appends.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Reads back what was written; 0 at the end.</summary>
    public abstract int Read(Span<byte> buffer, long offset);

    /// <summary>
    /// Makes the bytes durable and then visible under <paramref name="key"/>. When this returns, a crash can't lose them, and that
    /// holds for <see cref="BlobCommit.AlreadyThere"/> too. Cancellation is heeded only before it begins.
    /// </summary>
    public abstract Task<BlobCommit> CommitAsync(string key, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}

public enum BlobCommit
{
    Stored,

    /// <summary>The same bytes were stored before; the staged ones were dropped.</summary>
    AlreadyThere,
}
