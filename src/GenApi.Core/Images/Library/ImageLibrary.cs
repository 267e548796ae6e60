using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using GenApi.Core.Background;
using GenApi.Core.Blobs;
using GenApi.Core.Caching;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Images.Probes;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Images.Library;

/// <summary>
/// Stores images and other files for good. Storing writes bytes first (<see cref="StageAsync(Stream, CancellationToken)"/>) and the row
/// second (the caller, in its own transaction). Deleting removes rows first
/// (<see cref="RemoveRowsAsync(GenApiDbContext, Guid, CancellationToken)"/>, <see cref="RemoveRowAsync"/>, in the caller's transaction) and
/// bytes second (<see cref="ForgetAsync"/>). A crash can leave bytes without a row, but never a row without its bytes. Equal bytes are
/// stored once, whichever caller made them.
/// </summary>
public sealed partial class ImageLibrary
{
    private const int PieceLength = 64 << 10;

    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly IBlobStore _blobs;
    private readonly IBlobReceipts _receipts;
    private readonly IBlobHolds _holds;
    private readonly IBlobUser[] _users;
    private readonly TimeProvider _time;
    private readonly VersionedCache<Guid, StoredImage> _recent;
    private readonly WakeSignal _stored = new();

    public ImageLibrary(
        IDbContextFactory<GenApiDbContext> contexts, IBlobStore blobs, IBlobReceipts receipts, IBlobHolds holds,
        IEnumerable<IBlobUser> users, ICluster cluster, TimeProvider time) =>
        (_contexts, _blobs, _receipts, _holds, _users, _time, _recent) =
            (contexts, blobs, receipts, holds, [.. users], time, new(capacity: 10_000, age: CacheAge.Where(cluster.IsShared, time)));

    /// <summary>
    /// Stages all bytes of <paramref name="content"/>, which stays open, in constant memory. Once this returns, the bytes survive a crash.
    /// An exception from reading <paramref name="content"/> passes through unchanged.
    /// </summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.DownloadFailed"/> (transient: fetch again) for bytes that are truncated, damaged or not an image;
    /// <see cref="ErrorKind.UpstreamBadAnswer"/> for an image with too many pixels; <see cref="ErrorKind.StorageFull"/> and
    /// <see cref="ErrorKind.StorageUnavailable"/>. Nothing is stored in these cases.
    /// </exception>
    public Task<StagedImage> StageAsync(Stream content, CancellationToken cancellationToken) =>
        StageAsync(content, null, static (staged, _) => FileFacts.Of(ImageProbe.Read(staged.Read, staged.Length)), cancellationToken);

    /// <summary>
    /// Stages the output of a run, which may be any file. After a crash before its row is written, <see cref="OpenStagedAsync"/> finds it
    /// again, whatever the upstream says by then.
    /// </summary>
    /// <param name="content">The bytes.</param>
    /// <param name="generationId">The generation that made the output.</param>
    /// <param name="index">The position among its files.</param>
    /// <param name="promise">What is claimed about the file before its bytes are examined.</param>
    /// <param name="isWhole">
    /// Whether the bytes with a given hash are complete. An image shows that itself; anything else is fetched again if this is false.
    /// </param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    internal Task<StagedImage> StageAsync(
        Stream content, Guid generationId, int index, FilePromise promise, Func<string, bool> isWhole,
        CancellationToken cancellationToken) =>
        StageAsync(
            content, ReceiptOf(generationId, index),
            (staged, key) => OutputProbe.Read(staged.Read, staged.Length, promise, () => isWhole(key)), cancellationToken);

    private static string ReceiptOf(Guid generationId, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{generationId:N}-{index}");

    private async Task<StagedImage> StageAsync(
        Stream content, string? receipt, Func<StagedBlob, string, FileFacts> examine, CancellationToken cancellationToken)
    {
        await using var staged = await _blobs.StageAsync(receipt, cancellationToken);
        var key = await CopyAsync(content, staged, cancellationToken);
        var facts = examine(staged, key);
        var hold = await _holds.HoldAsync(key, cancellationToken);
        try
        {
            await staged.CommitAsync(key, cancellationToken);
        }
        catch
        {
            hold.Release();
            throw;
        }
        return new StagedImage(hold, _stored, key, staged.Length, facts, _time.GetUtcNow());
    }

    /// <summary>
    /// Finds an image that callers may see; null for an id that does not exist, was deleted or is in the bin. A recently requested image
    /// comes from memory, always as the same instance.
    /// </summary>
    public ValueTask<StoredImage?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        FindAsync(id, isImage: true, cancellationToken);

    /// <summary>Finds an image or another file.</summary>
    /// <param name="id">The id of an image or another file.</param>
    /// <param name="isImage">Which of the two is wanted; the other kind is not found.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public ValueTask<StoredImage?> FindAsync(Guid id, bool isImage, CancellationToken cancellationToken) =>
        _recent.TryGet(id, out var image)
            ? ValueTask.FromResult(image.IsImage == isImage ? image : null)
            : new(FindAsync(ReadAsync(id, cancellationToken), isImage));

    /// <summary>Waits until an image may have been stored since the last wait. Only one loop may wait.</summary>
    internal Task StoredAsync(CancellationToken cancellationToken) => _stored.WaitAsync(cancellationToken);

    /// <inheritdoc cref="StoredAsync(CancellationToken)"/>
    internal Task StoredAsync(TimeSpan atMost, CancellationToken cancellationToken) => _stored.WaitAsync(atMost, _time, cancellationToken);

    /// <summary>Drops these rows from memory, because they have changed.</summary>
    internal void Refresh(IEnumerable<Guid> ids) => _recent.Remove(ids);

    /// <summary>Lists all outputs of these generations, those in the bin included, by generation and index, untracked.</summary>
    public static Task<List<StoredImage>> ListStoredAsync(
        GenApiDbContext db, IReadOnlyCollection<Guid> generationIds, CancellationToken cancellationToken) =>
        db.Set<StoredImage>().AsNoTracking()
            .Where(image => generationIds.Contains(image.GenerationId))
            .OrderBy(image => image.GenerationId).ThenBy(image => image.Index)
            .ToListAsync(cancellationToken);

    /// <summary>
    /// Deletes the rows of a generation in the caller's transaction. After the commit, pass the result to <see cref="ForgetAsync"/>.
    /// </summary>
    public static Task<IReadOnlyList<RemovedImage>> RemoveRowsAsync(
        GenApiDbContext db, Guid generationId, CancellationToken cancellationToken) =>
        RemoveRowsAsync(db, [generationId], cancellationToken);

    /// <inheritdoc cref="RemoveRowsAsync(GenApiDbContext, Guid, CancellationToken)"/>
    internal static async Task<IReadOnlyList<RemovedImage>> RemoveRowsAsync(
        GenApiDbContext db, IReadOnlyCollection<Guid> generationIds, CancellationToken cancellationToken) =>
        await RemovedImage.RemoveAsync(db, await ListStoredAsync(db, generationIds, cancellationToken), cancellationToken);

    /// <inheritdoc cref="RemoveRowsAsync(GenApiDbContext, Guid, CancellationToken)"/>
    internal static Task<IReadOnlyList<RemovedImage>> RemoveRowsAsync(
        GenApiDbContext db, IReadOnlyList<StoredImage> images, CancellationToken cancellationToken) =>
        RemovedImage.RemoveAsync(db, images, cancellationToken);

    /// <summary>Reads the row as it is now, in the bin or not, untracked; null if there is none.</summary>
    public static Task<StoredImage?> FindAsync(GenApiDbContext db, Guid id, CancellationToken cancellationToken) =>
        db.Set<StoredImage>().AsNoTracking().FirstOrDefaultAsync(each => each.Id == id, cancellationToken);

    /// <summary>
    /// Does the same as <see cref="RemoveRowsAsync(GenApiDbContext, Guid, CancellationToken)"/> for one image; null if there is none.
    /// </summary>
    public static async Task<RemovedImage?> RemoveRowAsync(GenApiDbContext db, Guid id, CancellationToken cancellationToken) =>
        await FindAsync(db, id, cancellationToken) is { } image
            ? (await RemovedImage.RemoveAsync(db, [image], cancellationToken))[0]
            : null;

    /// <summary>Drops removed rows from memory and deletes bytes that nothing else uses. Call it once the removal is committed.</summary>
    public async Task ForgetAsync(IReadOnlyCollection<RemovedImage> removed, CancellationToken cancellationToken)
    {
        _recent.Remove(removed.Select(each => each.Image.Id));
        foreach (var key in removed.SelectMany(each => each.BlobKeys).Distinct())
            await DeleteUnusedAsync(key, cancellationToken);
    }

    /// <summary>
    /// Deletes a blob unless a row of any feature uses it or is about to; true if it existed and is gone. Where several instances share the
    /// store, it is gone after a grace period.
    /// </summary>
    public Task<bool> DeleteUnusedAsync(string blobKey, CancellationToken cancellationToken) =>
        _holds.DeleteUnlessAsync(blobKey, (db, token) => IsUsedAsync(db, blobKey, token), cancellationToken);

    /// <summary>Returns whether a row of any feature needs the blob.</summary>
    public Task<bool> IsUsedAsync(string blobKey, CancellationToken cancellationToken) =>
        _contexts.ReadAsync(db => IsUsedAsync(db, blobKey, cancellationToken), cancellationToken);

    /// <summary>
    /// Does the same as <see cref="IsUsedAsync(string, CancellationToken)"/> through an open context: the writer's, so that nothing can
    /// come between.
    /// </summary>
    internal async Task<bool> IsUsedAsync(GenApiDbContext db, string blobKey, CancellationToken cancellationToken)
    {
        foreach (var user in _users)
        {
            if (await user.UsesAsync(db, blobKey, cancellationToken))
                return true;
        }
        return false;
    }

    private static async Task<StoredImage?> FindAsync(Task<StoredImage?> reading, bool isImage) =>
        await reading is { } found && found.IsImage == isImage ? found : null;

    private async Task<StoredImage?> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        var version = _recent.Version;
        var image = await _contexts.ReadAsync(
            db => db.Set<StoredImage>().AsNoTracking()
                .FirstOrDefaultAsync(each => each.Id == id && each.BinnedAt == null, cancellationToken), cancellationToken);
        if (image is not null)
            _recent.Put(id, image, version);
        return image;
    }

    private static async Task<string> CopyAsync(Stream content, StagedBlob staged, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            while (await content.ReadAsync(buffer.AsMemory(0, PieceLength), cancellationToken) is var count and > 0)
            {
                hash.AppendData(buffer, 0, count);
                await staged.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
