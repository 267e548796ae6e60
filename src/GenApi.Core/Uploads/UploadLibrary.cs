using System.Linq.Expressions;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Caching;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Images.Probes;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Uploads;

/// <summary>
/// Stores images from outside for use as inputs. Storing writes bytes first and the row second; deleting is the other way round.
/// </summary>
public sealed partial class UploadLibrary
{
    /// <summary>Rows in one transaction, which makes other writers wait.</summary>
    private const int RowsPerStep = 100;

    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly DatabaseWriter _writer;
    private readonly ImageLibrary _images;
    private readonly UploadUses _uses;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;
    private readonly StoreGate _gate;
    private readonly VersionedCache<Guid, Upload> _recent;

    public UploadLibrary(
        IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, ImageLibrary images, UploadUses uses, AuditLog audit,
        ICluster cluster, TimeProvider time, StoreGate gate)
    {
        (_contexts, _writer, _images, _uses, _audit, _time, _gate) = (contexts, writer, images, uses, audit, time, gate);
        _recent = new(capacity: 10_000, age: CacheAge.Where(cluster.IsShared, time));
    }

    /// <summary>Stores all bytes of <paramref name="content"/>, in constant memory. Once this returns, they survive a crash.</summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.UnsupportedMediaType"/>, with what the bytes look like, if they are not a complete raster image; any error from
    /// reading <paramref name="content"/>; <see cref="ErrorKind.StorageFull"/> and <see cref="ErrorKind.StorageUnavailable"/>. Nothing is
    /// stored in these cases.
    /// </exception>
    public async Task<Upload> StoreAsync(Stream content, Guid owner, CancellationToken cancellationToken)
    {
        using var staged = await StageAsync(content, cancellationToken);
        var upload = NewUpload(staged, owner, isOurs: false, inverseOf: null, note: null);
        await _writer.WriteAsync((db, token) =>
        {
            staged.Require(db);
            db.Add(upload);
            return db.SaveChangesAsync(token);
        }, cancellationToken);
        return upload;
    }

    /// <summary>
    /// Finds an upload; null for an id that does not exist, was deleted or has expired. A recently requested one comes from memory.
    /// </summary>
    /// <param name="id">The id of the upload.</param>
    /// <param name="account">The account whose uploads are visible; null: those of all accounts.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async ValueTask<Upload?> FindAsync(Guid id, Guid? account, CancellationToken cancellationToken)
    {
        if (!_recent.TryGet(id, out var upload))
        {
            var version = _recent.Version;
            upload = await _contexts.ReadAsync(
                db => db.Set<Upload>().AsNoTracking().FirstOrDefaultAsync(each => each.Id == id, cancellationToken), cancellationToken);
            if (upload is not null)
                _recent.Put(id, upload, version);
        }
        return upload is not null && (account is null || upload.OwnerId == account) && !_uses.HasExpired(upload) ? upload : null;
    }

    /// <summary>Returns when the upload expires, unless it is used before then.</summary>
    public DateTimeOffset ExpiresAt(Upload upload) => _uses.ExpiresAt(upload);

    /// <summary>Deletes the row and any bytes that nothing else needs. A running generation that uses them keeps them to its end.</summary>
    /// <param name="id">The id of the upload.</param>
    /// <param name="caller">Another account's upload is not found, unless the caller is an administrator; then the act is audited.</param>
    /// <param name="from">The caller's address.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>False if there is no such upload, or the caller can't see it.</returns>
    public async Task<bool> DeleteAsync(Guid id, Caller caller, string from, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, caller.VisibleAccount, cancellationToken) is null)
            return false;
        AuditEntry? entry = null;
        var count = await RemoveAsync([id], static _ => true, cancellationToken, async (db, upload, token) =>
            entry = await _audit.AddAsync(
                db, caller, from, "upload.delete", PublicId.Format(PublicId.Upload, id), upload.OwnerId, null, token));
        _audit.LogCommitted(entry);
        return count > 0;
    }

    /// <summary>Records that a request names the upload.</summary>
    internal void Used(Upload upload) => _uses.Used(upload.Id);

    /// <summary>
    /// Stores bytes as an upload made here. The same bytes, or the inverse of the same mask, are stored once per account.
    /// </summary>
    /// <exception cref="GenApiException">As <see cref="StoreAsync"/>.</exception>
    internal async Task<Upload> StoreDerivedAsync(Stream content, string? inverseOf, Guid owner, CancellationToken cancellationToken)
    {
        using var staged = await StageAsync(content, cancellationToken);
        var kept = await _writer.WriteAsync(async (db, token) =>
        {
            var upload = await OursAsync(db, owner, each => each.BlobKey == staged.Sha256 && each.InverseOf == inverseOf, token);
            if (upload is null)
            {
                staged.Require(db);
                db.Add(upload = NewUpload(staged, owner, isOurs: true, inverseOf, note: null));
                await db.SaveChangesAsync(token);
            }
            return upload;
        }, cancellationToken);
        Used(kept);
        return kept;
    }

    /// <summary>Checks bytes as <see cref="StoreDerivedAsync"/> does, and stores nothing.</summary>
    /// <exception cref="GenApiException">As <see cref="StoreAsync"/>.</exception>
    internal Task CheckAsync(byte[] bytes, CancellationToken cancellationToken) => CheckedAsync(
        new MemoryStream(bytes, writable: false),
        async watched =>
        {
            await watched.CopyToAsync(Stream.Null, cancellationToken);
            return ImageProbe.Read(bytes).Format == ImageFormat.Svg ? throw Drawing() : true;
        },
        cancellationToken);

    /// <summary>
    /// Finds the inverse of a mask that <see cref="StoreDerivedAsync"/> stored; null if there is none, or it has expired.
    /// </summary>
    internal async Task<Upload?> FindInverseAsync(string sha256, Guid owner, CancellationToken cancellationToken)
    {
        var found = await _contexts.ReadAsync(
            db => OursAsync(db, owner, each => each.InverseOf == sha256, cancellationToken), cancellationToken);
        return found is not null && !_uses.HasExpired(found) ? found : null;
    }

    /// <summary>Saves recent uses.</summary>
    internal async Task SaveUsesAsync(CancellationToken cancellationToken)
    {
        foreach (var uses in _uses.All.Chunk(RowsPerStep))
        {
            await _writer.WriteAsync(async (db, token) =>
            {
                foreach (var (id, used) in uses)
                {
                    await db.Set<Upload>().Where(upload => upload.Id == id && upload.LastUsedAt < used)
                        .ExecuteUpdateAsync(set => set.SetProperty(upload => upload.LastUsedAt, used), token);
                }
            }, cancellationToken);
            // Memory first, whose rows are outdated now, then the list of unsaved uses.
            _recent.Remove(uses.Select(use => use.Key));
            Array.ForEach(uses, _uses.Saved);
        }
    }

    /// <summary>Saves recent uses, then removes uploads that have expired for some time, in steps of some rows.</summary>
    /// <param name="unsaved">
    /// How long an upload stays after its time: uses may be in the memory of other instances for so long.
    /// </param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    internal async Task SweepAsync(TimeSpan unsaved, CancellationToken cancellationToken)
    {
        await SaveUsesAsync(cancellationToken);
        var notSince = _uses.NotSince - unsaved;
        // If every listed upload was used just now, they wait for the next round.
        while (await UnusedAsync(notSince, RowsPerStep, cancellationToken) is { Count: > 0 } ids
            && await RemoveAsync(ids, upload => _uses.LastUseOf(upload) <= notSince, cancellationToken) > 0)
        {
        }
    }

    /// <summary>Removes some uploads that were not used after a given time, the longest unused first, to free disk space.</summary>
    /// <returns>How many were removed.</returns>
    internal async Task<int> RemoveUnusedAsync(DateTimeOffset notSince, int atMost, CancellationToken cancellationToken) =>
        await UnusedAsync(notSince, atMost, cancellationToken) is { Count: > 0 } ids
            ? await RemoveAsync(ids, upload => _uses.LastUseOf(upload) <= notSince, cancellationToken)
            : 0;

    private Task<List<Guid>> UnusedAsync(DateTimeOffset notSince, int atMost, CancellationToken cancellationToken) => _contexts.ReadAsync(
        db => db.Set<Upload>().Where(upload => upload.LastUsedAt <= notSince).OrderBy(upload => upload.LastUsedAt)
            .Take(atMost).Select(upload => upload.Id).ToListAsync(cancellationToken),
        cancellationToken);

    private async Task<int> RemoveAsync(
        IReadOnlyCollection<Guid> ids, Func<Upload, bool> condition, CancellationToken cancellationToken,
        Func<GenApiDbContext, Upload, CancellationToken, Task>? also = null)
    {
        var removed = await _writer.FreeAsync(async (db, token) =>
        {
            var rows = await db.Set<Upload>().Where(upload => ids.Contains(upload.Id)).ToListAsync(token);
            rows.RemoveAll(upload => !condition(upload));
            db.RemoveRange(rows);
            if (also is not null)
            {
                foreach (var upload in rows)
                    await also(db, upload, token);
            }
            await db.SaveChangesAsync(token);
            return rows;
        }, cancellationToken);
        _recent.Remove(removed.Select(upload => upload.Id));
        foreach (var key in removed.Select(upload => upload.BlobKey).Distinct())
            await _images.DeleteUnusedAsync(key, CancellationToken.None);
        return removed.Count;
    }

    private async Task<StagedImage> StageAsync(Stream content, CancellationToken cancellationToken)
    {
        var staged = await CheckedAsync(content, watched => _images.StageAsync(watched, cancellationToken), cancellationToken);
        if (staged.Facts.ContentType != ImageFormat.Svg.ContentType)
            return staged;
        staged.Dispose();
        await _images.DeleteUnusedAsync(staged.Sha256, CancellationToken.None);
        throw Drawing();
    }

    /// <summary>Reads the bytes. If they are no picture, the refusal says what they look like.</summary>
    /// <exception cref="GenApiException">As <see cref="StoreAsync"/>.</exception>
    internal async Task<T> CheckedAsync<T>(Stream content, Func<Stream, Task<T>> read, CancellationToken cancellationToken)
    {
        _gate.Require();
        await using var watched = new WatchedStream(content);
        await watched.PeekAsync(cancellationToken);
        // Before anything is parsed: XML of some megabytes takes many times its size in memory, and drawings are not accepted anyway.
        if (ContentSniffer.IsMarkup(watched.Head))
            throw NoPixels(ContentSniffer.Describe(watched.Head, long.MaxValue));
        try
        {
            return await read(watched);
        }
        catch (GenApiException fault) when (fault.Kind is ErrorKind.DownloadFailed or ErrorKind.UpstreamBadAnswer)
        {
            throw NoImage(ContentSniffer.Describe(watched.Head, watched.Count), fault);
        }
    }

    internal static GenApiException Drawing() => NoPixels(new("an SVG drawing, which models do not accept"));

    private static GenApiException NoPixels(ContentSniffer looks) =>
        new(ErrorKind.UnsupportedMediaType, $"It looks like {looks.Text}. Models accept raster images: send it as PNG, JPEG or WebP.");

    private static GenApiException NoImage(ContentSniffer looks, GenApiException fault) => new(
        ErrorKind.UnsupportedMediaType, looks.IsImage
            ? $"It looks like {looks.Text}, but it can't be accepted: {fault.Message}"
            : $"It is not an image; it looks like {looks.Text}. Allowed are PNG, JPEG, WebP, GIF, AVIF, HEIC and BMP.");

    private Upload NewUpload(StagedImage staged, Guid owner, bool isOurs, string? inverseOf, UploadNote? note)
    {
        var now = _time.GetUtcNow();
        return new Upload
        {
            Id = Guid.CreateVersion7(now),
            OwnerId = owner,
            BlobKey = staged.Sha256,
            ContentType = note?.ContentType ?? staged.Facts.ContentType,
            Width = staged.Facts.Width ?? 0,
            Height = staged.Facts.Height ?? 0,
            Bytes = staged.Bytes,
            CreatedAt = now,
            LastUsedAt = now,
            IsOurs = isOurs,
            InverseOf = inverseOf,
            Name = note?.Name,
            Metadata = note?.Metadata,
        };
    }

    private static Task<Upload?> OursAsync(
        GenApiDbContext db, Guid owner, Expression<Func<Upload, bool>> condition, CancellationToken cancellationToken) =>
        db.Set<Upload>().AsNoTracking()
            .Where(upload => upload.IsOurs && upload.OwnerId == owner).Where(condition)
            .OrderByDescending(upload => upload.LastUsedAt).FirstOrDefaultAsync(cancellationToken);
}
