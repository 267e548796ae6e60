using GenApi.Core.Errors;

namespace GenApi.Core.Blobs;

/// <summary>
/// Stores bytes by name. A key is the SHA-256 of the bytes, 64 lower-case hexadecimal digits, so equal bytes share one blob and a blob
/// never changes. Every failure of the medium is a <see cref="GenApiException"/>: <see cref="ErrorKind.StorageFull"/> (transient: it heals
/// once there is room) or <see cref="ErrorKind.StorageUnavailable"/>. A malformed key is an <see cref="ArgumentException"/>.
/// </summary>
public interface IBlobStore
{
    /// <summary>
    /// Prepares the store and removes half-written files of an earlier process. Call it once before anything else, while no other process
    /// uses the store.
    /// </summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Opens a place to write bytes whose key is not known yet. No key shows them before the commit.</summary>
    /// <param name="receipt">See <see cref="StagedBlob.Receipt"/>.</param>
    /// <param name="cancellationToken">Observed only before the work begins.</param>
    Task<StagedBlob> StageAsync(string? receipt, CancellationToken cancellationToken);

    /// <summary>
    /// Opens the bytes committed under a receipt; the caller disposes them. Null if there are none, or if the store does not support
    /// receipts.
    /// </summary>
    Stream? OpenReceipt(string receipt);

    /// <summary>Lists all receipts.</summary>
    IReadOnlyList<string> ListReceipts();

    /// <summary>
    /// Drops a receipt whose key is in the database, or that no one needs any more. If that fails, it takes up space until the sweep.
    /// </summary>
    void DropReceipt(string receipt);

    /// <summary>Opens a blob; null if there is none. An unreadable store is an error, never null.</summary>
    ValueTask<BlobContent?> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a blob for a walk through many: it does not count as a request, so it loads nothing into memory and evicts nothing from there.
    /// </summary>
    /// <inheritdoc cref="OpenAsync"/>
    ValueTask<BlobContent?> OpenOnceAsync(string key, CancellationToken cancellationToken);

    /// <summary>Deletes a blob; false if there was none. A reader that opened it earlier can read it to the end.</summary>
    Task<bool> DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Lists every committed blob, in no particular order. A blob added or deleted meanwhile may or may not be listed.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Lists what lies in the store but is not a blob. While another process uses the store, its current writes are included.
    /// </summary>
    IAsyncEnumerable<BlobLeftover> ListLeftoversAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Moves the bytes to quarantine: they are no longer a blob, and only the operator deletes them. False if there were none.
    /// </summary>
    Task<bool> QuarantineAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Reads all bytes of a blob and compares them with its key. Damaged bytes go to quarantine at once, as by
    /// <see cref="QuarantineAsync"/>.
    /// </summary>
    /// <returns>The verdict, and the number of bytes read.</returns>
    Task<(BlobVerdict Verdict, long Length)> VerifyAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Checks whether a blob exists and, if a length is given, has that length. It looks at the name only and reads no bytes. A missing
    /// blob is lost only while <see cref="Fault"/> is null: an unmounted store has no blobs.
    /// </summary>
    bool Has(string key, long? length);

    /// <summary>
    /// The reason why the store can't accept bytes at the moment: it is gone, replaced, read-only or full. Null: it can. Takes some
    /// microseconds.
    /// </summary>
    GenApiException? Fault { get; }

    /// <summary>True if the store holds no blob at all.</summary>
    bool IsEmpty { get; }

    /// <summary>The total size of all blobs in bytes; null until the first count.</summary>
    long? TotalBytes { get; }

    /// <summary>
    /// Recounts <see cref="TotalBytes"/>. A blob added or deleted meanwhile may be counted twice or not at all, until the next count.
    /// </summary>
    Task CountAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Removes half-written files and receipts that were last touched before <paramref name="before"/>, by the clock of the medium.
    /// </summary>
    /// <returns>How many were removed.</returns>
    Task<int> RemoveAbandonedAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Used at start: writes a byte, makes it durable and removes it.</summary>
    Task TryWriteAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Used for readiness: fails if the store or its last write shows that no bytes can be accepted. It writes nothing while the last write
    /// succeeded.
    /// </summary>
    Task CheckAsync(CancellationToken cancellationToken);
}

/// <summary>A committed blob; <paramref name="ModifiedAt"/> is the time of its commit by the clock of the medium.</summary>
public readonly record struct BlobInfo(string Key, long Length, DateTimeOffset ModifiedAt);

/// <summary>Something in the store that is not a blob; <paramref name="Name"/> is its path in the store.</summary>
/// <param name="IsHalfWritten">
/// True for a write that never finished; <see cref="IBlobStore.PrepareAsync"/> removes it. False: GenApi did not make it.
/// </param>
public readonly record struct BlobLeftover(string Name, bool IsHalfWritten);
