using GenApi.Core.Errors;

namespace GenApi.Core.Blobs;

/// <summary>
/// Bytes by name. A key is the SHA-256 of the bytes, 64 lower-case hexadecimal digits, so equal bytes have one blob and a blob never
/// changes. Every failure of the medium is a <see cref="GenApiException"/>: <see cref="ErrorKind.StorageFull"/> (transient: it heals when
/// there is room) or <see cref="ErrorKind.StorageUnavailable"/>. Anything that is not a key is an <see cref="ArgumentException"/>.
/// </summary>
public interface IBlobStore
{
    /// <summary>
    /// Run once before anything else, with no other process using the store: makes the place ready and removes what an earlier one left
    /// half written.
    /// </summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>A place to write bytes whose key is not known yet. Nothing is visible under any key before the commit.</summary>
    /// <param name="receipt">See <see cref="StagedBlob.Receipt"/>.</param>
    /// <param name="cancellationToken">Heeded before it begins.</param>
    Task<StagedBlob> StageAsync(string? receipt, CancellationToken cancellationToken);

    /// <summary>The bytes that were committed under a receipt, to be disposed; null where there is none. A store that can't keep receipts has none.</summary>
    Stream? OpenReceipt(string receipt);

    /// <summary>The receipts that there are.</summary>
    IReadOnlyList<string> ListReceipts();

    /// <summary>The key is written down, or nobody will ask again. One that can't be removed costs room, until the sweep.</summary>
    void DropReceipt(string receipt);

    /// <summary>Null when there is no such blob; what could not be asked is an error, never null.</summary>
    ValueTask<BlobContent?> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>False when there was none. Who opened it before can read it to the end.</summary>
    Task<bool> DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Every committed blob, in no order; one that comes or goes meanwhile may be missed or named.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// What lies in the store and is no blob. While another process uses the store, what it is writing at the moment is among them.
    /// </summary>
    IAsyncEnumerable<BlobLeftover> ListLeftoversAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Puts the bytes aside: from then on they are no blob, and nobody deletes them but the operator. False when there were none.
    /// </summary>
    Task<bool> QuarantineAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Reads all bytes of a blob and holds them against its key. Bytes that are others are put aside at once, as by
    /// <see cref="QuarantineAsync"/>.
    /// </summary>
    /// <returns>What was found, and how many bytes were read.</returns>
    Task<(BlobVerdict Verdict, long Length)> VerifyAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Whether a blob is there, and of this length where one is given: one look at its name, no byte is read. What is not there is lost
    /// only while <see cref="Fault"/> is
    /// null: a store that is not mounted has nothing.
    /// </summary>
    bool Has(string key, long? length);

    /// <summary>
    /// Why no bytes can be taken at the moment: the store is gone, replaced, read-only or full. Null: they can. It costs some
    /// microseconds.
    /// </summary>
    GenApiException? Fault { get; }

    /// <summary>Whether it holds no blob at all.</summary>
    bool IsEmpty { get; }

    /// <summary>Bytes of all blobs together; null until they were counted once.</summary>
    long? TotalBytes { get; }

    /// <summary>Counts <see cref="TotalBytes"/> anew. What comes or goes meanwhile may be counted twice or not at all, until the next count.</summary>
    Task CountAsync(CancellationToken cancellationToken);

    /// <summary>Removes what was half written, and receipts, of which nothing has been touched since <paramref name="before"/>, by the clock of the medium.</summary>
    /// <returns>How many.</returns>
    Task<int> RemoveAbandonedAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>For a start: writes a byte, makes it durable and removes it.</summary>
    Task TryWriteAsync(CancellationToken cancellationToken);

    /// <summary>
    /// For readiness: fails where no bytes can be taken, as the store and the last write say. It writes nothing while the last write
    /// succeeded.
    /// </summary>
    Task CheckAsync(CancellationToken cancellationToken);
}

/// <summary>A committed blob; <paramref name="ModifiedAt"/> is the time of its commit by the clock of the medium.</summary>
public readonly record struct BlobInfo(string Key, long Length, DateTimeOffset ModifiedAt);

/// <summary>Something in the store that is no blob; <paramref name="Name"/> is its place in the store.</summary>
/// <param name="IsHalfWritten">A write that never came to its end; <see cref="IBlobStore.PrepareAsync"/> removes it. Else it is not ours.</param>
public readonly record struct BlobLeftover(string Name, bool IsHalfWritten);
