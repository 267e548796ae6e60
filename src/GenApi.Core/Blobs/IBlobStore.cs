using GenApi.Core.Errors;

namespace GenApi.Core.Blobs;

/// <summary>
/// Stores bytes by name. A key is the SHA-256 of the bytes, 64 lower-case hexadecimal digits, so equal bytes share one blob and a blob
/// never changes. Every failure of the medium is a <see cref="GenApiException"/>: <see cref="ErrorKind.StorageFull"/> (transient: it heals
/// once there is room) or <see cref="ErrorKind.StorageUnavailable"/>. A malformed key is an <see cref="ArgumentException"/>.
/// </summary>
public interface IBlobStore
{
    /// <summary>Opens a place to write bytes whose key is not known yet. No key shows them before the commit.</summary>
    /// <param name="receipt">See <see cref="StagedBlob.Receipt"/>.</param>
    /// <param name="cancellationToken">Observed only before the work begins.</param>
    Task<StagedBlob> StageAsync(string? receipt, CancellationToken cancellationToken);

    /// <summary>Opens a blob; null if there is none. An unreadable store is an error, never null.</summary>
    /// <param name="key">The key.</param>
    /// <param name="range">The bytes that will be read first. A remote store asks for these alone.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    ValueTask<BlobContent?> OpenAsync(string key, BlobRange range, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a blob for a walk through many: it does not count as a request, so it loads nothing into memory and evicts nothing from there.
    /// </summary>
    /// <inheritdoc cref="OpenAsync"/>
    ValueTask<BlobContent?> OpenOnceAsync(string key, CancellationToken cancellationToken) =>
        OpenAsync(key, BlobRange.All, cancellationToken);

    /// <summary>
    /// Compares all bytes with the key and then opens them; null if there are none or they are damaged. Damaged bytes go to quarantine. A
    /// remote store sends the bytes once for both.
    /// </summary>
    Task<BlobContent?> OpenVerifiedAsync(string key, CancellationToken cancellationToken);

    /// <summary>Finds a blob without reading its bytes; null if there is none. A remote store needs one request for it.</summary>
    ValueTask<BlobInfo?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Says whether a blob exists and, if a length is given, has that length, as far as that takes only microseconds. A missing blob is
    /// lost only while <see cref="Fault"/> is null: an unmounted store has no blobs.
    /// </summary>
    /// <returns>Null: only a request could tell (<see cref="FindAsync"/>).</returns>
    bool? Knows(string key, long? length);

    /// <summary>Deletes a blob; false if there was none. A reader that opened it earlier can read it to the end.</summary>
    /// <param name="key">The key.</param>
    /// <param name="mayStill">
    /// Asked right before the deletion leaves this process, which may have been frozen for a while; false ends it with an
    /// <see cref="OperationCanceledException"/>.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<bool> DeleteAsync(string key, Func<bool> mayStill, CancellationToken cancellationToken);

    /// <summary>
    /// Makes an address under which the medium itself serves the bytes for a while, to anyone who has it; null where only this service can.
    /// </summary>
    Uri? LinkTo(string key, in BlobLink link);

    /// <summary>
    /// The reason why the store can't accept bytes at the moment: it is gone, replaced, read-only or full. Null: it can. Takes some
    /// microseconds.
    /// </summary>
    GenApiException? Fault { get; }

    /// <summary>
    /// Used for readiness: fails if the store or its last write shows that no bytes can be accepted. It writes nothing while the last write
    /// succeeded.
    /// </summary>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Facts about the medium for the operator, by name, such as what an S3 server supports.</summary>
    IReadOnlyDictionary<string, string> Facts { get; }
}

/// <summary>The store of one medium. <see cref="HotBlobStore"/> puts a memory cache before it.</summary>
internal interface IBlobMedium : IBlobStore, IBlobMaintenance, IBlobReceipts
{
    /// <summary>Says whether bytes that were read into memory still stand for the blob. It takes some microseconds.</summary>
    bool IsCurrent(in BlobStamp stamp);
}

public static class BlobStoreExtensions
{
    /// <inheritdoc cref="IBlobStore.DeleteAsync"/>
    public static Task<bool> DeleteAsync(this IBlobStore store, string key, CancellationToken cancellationToken) =>
        store.DeleteAsync(key, static () => true, cancellationToken);

    /// <summary>Opens a whole blob; null if there is none.</summary>
    public static ValueTask<BlobContent?> OpenAsync(this IBlobStore store, string key, CancellationToken cancellationToken) =>
        store.OpenAsync(key, BlobRange.All, cancellationToken);

    /// <summary>Returns whether a blob exists and, if a length is given, has that length.</summary>
    public static async ValueTask<bool> HasAsync(this IBlobStore store, string key, long? length, CancellationToken cancellationToken) =>
        store.Knows(key, length)
            ?? (await store.FindAsync(key, cancellationToken) is { } found && (length is null || found.Length == length));
}

/// <summary>A committed blob; <paramref name="ModifiedAt"/> is the time of its commit by the clock of the medium.</summary>
public readonly record struct BlobInfo(string Key, long Length, DateTimeOffset ModifiedAt);

/// <summary>Bytes of a blob.</summary>
/// <param name="Offset">The first one, from 0.</param>
/// <param name="Length">How many; null: all to the end.</param>
public readonly record struct BlobRange(long Offset, long? Length)
{
    public static BlobRange All => default;

    public bool IsAll => Offset == 0 && Length is null;
}

/// <summary>The way in which the medium itself serves the bytes of a blob.</summary>
/// <param name="ValidFor">How long the address is good for.</param>
/// <param name="ContentType">The header of this name.</param>
/// <param name="ContentDisposition">The header of this name.</param>
/// <param name="CacheControl">The header of this name.</param>
public readonly record struct BlobLink(TimeSpan ValidFor, string ContentType, string ContentDisposition, string CacheControl);
