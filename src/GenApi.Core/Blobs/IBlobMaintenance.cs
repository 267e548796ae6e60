using GenApi.Core.Errors;

namespace GenApi.Core.Blobs;

/// <summary>The whole store: preparing, listing, counting, comparing and cleaning up. It fails as <see cref="IBlobStore"/> does.</summary>
public interface IBlobMaintenance
{
    /// <summary>
    /// Prepares the store and removes half-written files of earlier processes. Call it once before anything else.
    /// </summary>
    /// <exception cref="SettingException">The store can't be reached or used as the settings say.</exception>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Returns whether the store holds no blob at all.</summary>
    ValueTask<bool> IsEmptyAsync(CancellationToken cancellationToken);

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
    /// Compares a blob with its key. Damaged bytes go to quarantine at once, as by <see cref="QuarantineAsync"/>.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="length">The length that the blob must have; null: any.</param>
    /// <param name="isDeep">
    /// True reads all bytes. False lets a store that checks its bytes itself, and charges for sending them, compare the length alone.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The verdict, and the number of bytes read.</returns>
    Task<(BlobVerdict Verdict, long Length)> VerifyAsync(string key, long? length, bool isDeep, CancellationToken cancellationToken);

    /// <summary>True if every <see cref="VerifyAsync"/> reads all bytes.</summary>
    bool AlwaysReads { get; }

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

    /// <summary>Gives a blob a second name in a local folder, which stays when the blob is deleted; false if that is impossible.</summary>
    bool TryLink(string key, string path);
}

/// <summary>Something in the store that is not a blob; <paramref name="Name"/> is its path in the store.</summary>
/// <param name="IsHalfWritten">
/// True for a write that never finished; <see cref="IBlobMaintenance.PrepareAsync"/> or the daily sweep removes it. False: GenApi did not
/// make it.
/// </param>
public readonly record struct BlobLeftover(string Name, bool IsHalfWritten);
