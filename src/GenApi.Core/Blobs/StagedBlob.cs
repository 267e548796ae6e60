namespace GenApi.Core.Blobs;

/// <summary>
/// Bytes on their way into the store. They stay local until the commit (a remote store needs their key and length first), so they can be
/// read back cheaply at any offset. Only one caller may use it at a time. Disposing it without a commit leaves no trace.
/// </summary>
public abstract class StagedBlob : IAsyncDisposable
{
    /// <summary>The number of bytes written.</summary>
    public long Length { get; protected set; }

    /// <summary>
    /// The name under which the bytes are found again after a crash (<see cref="IBlobReceipts.OpenReceiptAsync"/>). It exists once the
    /// bytes are safe, before any row can hold their key. Letters, digits and hyphens; null: no receipt.
    /// </summary>
    public string? Receipt { get; init; }

    /// <summary>Appends bytes.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Reads back written bytes; 0 at the end.</summary>
    public abstract int Read(Span<byte> buffer, long offset);

    /// <summary>
    /// Makes the bytes durable and then visible under <paramref name="key"/>. Once this returns, a crash can't lose them; that also holds
    /// for <see cref="BlobCommit.AlreadyThere"/>. Cancellation is observed only before the work begins.
    /// </summary>
    public abstract Task<BlobCommit> CommitAsync(string key, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}

public enum BlobCommit
{
    Stored,

    /// <summary>The same bytes were already stored; the staged ones were dropped.</summary>
    AlreadyThere,
}
