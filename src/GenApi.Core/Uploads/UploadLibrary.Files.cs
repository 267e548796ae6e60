using System.Net.Mime;
using System.Text;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Uploads;

/// <summary>The sender's own facts about a file.</summary>
/// <param name="Name">The file name; at most <see cref="Upload.LongestName"/> characters.</param>
/// <param name="ContentType">The claimed content type, used if the bytes show none; null: not claimed.</param>
/// <param name="Metadata">Facts for the sender to remember, as a JSON object; null: none.</param>
public sealed record UploadNote(string Name, string? ContentType, string? Metadata);

/// <summary>Files of any kind, as Replicate's clients upload them: with a name and metadata, listed and downloaded.</summary>
public sealed partial class UploadLibrary
{
    /// <summary>Stores a file of any kind, in constant memory. Once this returns, it survives a crash.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="owner">The account that owns it.</param>
    /// <param name="readNote">Reads what follows the bytes. If it throws, nothing is stored.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="GenApiException">
    /// InvalidRequest: the file is empty. UnsupportedMediaType: it is an image that is damaged, or has too many pixels. StorageFull,
    /// StorageUnavailable, and any error from reading.
    /// </exception>
    public async Task<Upload> StoreFileAsync(
        Stream content, Guid owner, Func<Task<UploadNote>> readNote, CancellationToken cancellationToken)
    {
        _gate.Require();
        using var staged = await StageFileAsync(content, cancellationToken);
        Upload upload;
        try
        {
            var note = await readNote();
            upload = NewUpload(staged, owner, isOurs: false, inverseOf: null, note with { ContentType = TypeOf(staged.Facts, note) });
        }
        catch
        {
            staged.Dispose();
            await _images.DeleteUnusedAsync(staged.Sha256, CancellationToken.None);
            throw;
        }
        await _writer.WriteAsync((db, token) =>
        {
            staged.Require(db);
            db.Add(upload);
            return db.SaveChangesAsync(token);
        }, cancellationToken);
        return upload;
    }

    /// <summary>Lists the uploads of an account, newest first, without those that GenApi made itself.</summary>
    /// <param name="account">The account.</param>
    /// <param name="limit">At least 1.</param>
    /// <param name="below">Lists uploads older than this one; null: from the newest.</param>
    /// <param name="above">Lists the oldest uploads newer than this one. Not together with <paramref name="below"/>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The uploads, and whether there are more beyond them in the direction of the list.</returns>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public async Task<(IReadOnlyList<Upload> Uploads, bool HasMore)> ListAsync(
        Guid account, int limit, Guid? below, Guid? above, CancellationToken cancellationToken)
    {
        var found = await _contexts.ReadAsync(
            db =>
            {
                var rows = db.Set<Upload>().AsNoTracking().Where(upload => upload.OwnerId == account && !upload.IsOurs);
                if (below is { } ceiling)
                    rows = rows.Where(upload => upload.Id.CompareTo(ceiling) < 0);
                if (above is { } floor)
                    rows = rows.Where(upload => upload.Id.CompareTo(floor) > 0);
                // Ids begin with their time.
                rows = above is null ? rows.OrderByDescending(upload => upload.Id) : rows.OrderBy(upload => upload.Id);
                return rows.Take(limit + 1).ToListAsync(cancellationToken);
            },
            cancellationToken);
        var page = found.Take(limit).Where(upload => !_uses.HasExpired(upload));
        return ([.. above is null ? page : page.Reverse()], found.Count > limit);
    }

    /// <summary>Opens the bytes of an upload; the caller disposes them.</summary>
    /// <exception cref="GenApiException">BlobMissing: the bytes are not in the store, or not all of them.</exception>
    public async Task<BlobContent> OpenAsync(Upload upload, CancellationToken cancellationToken)
    {
        var content = await _images.OpenBlobAsync(upload.BlobKey, cancellationToken);
        if (content?.Length == upload.Bytes)
            return content;
        content?.Dispose();
        throw new GenApiException(ErrorKind.BlobMissing, "The bytes of the file are missing from the store. Upload it again.");
    }

    private async Task<StagedImage> StageFileAsync(Stream content, CancellationToken cancellationToken)
    {
        await using var watched = new WatchedStream(content);
        await watched.PeekAsync(cancellationToken);
        if (watched.Count == 0)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "content", "'content' is empty. Send a file with at least one byte.");
        // Not parsed: XML of some megabytes takes many times its size in memory. A drawing is refused where a model should take it.
        if (ContentSniffer.IsMarkup(watched.Head))
            return await _images.StageUnseenAsync(watched, MarkupOf(watched.Head), cancellationToken);
        try
        {
            return await _images.StageFileAsync(watched, cancellationToken);
        }
        catch (GenApiException fault) when (fault.Kind is ErrorKind.DownloadFailed or ErrorKind.UpstreamBadAnswer)
        {
            var looks = ContentSniffer.Describe(watched.Head, watched.Count).Text;
            throw new GenApiException(
                ErrorKind.UnsupportedMediaType, $"It looks like {looks}, but it can't be accepted: {fault.Message}", fault);
        }
    }

    private static FileFacts MarkupOf(ReadOnlySpan<byte> head) =>
        Encoding.UTF8.GetString(head).Contains("<svg", StringComparison.OrdinalIgnoreCase)
            ? new(FileKind.Document, ImageFormat.Svg.ContentType, ImageFormat.Svg.Extension)
            : new(FileKind.Document, MediaTypeNames.Application.Octet, "");

    /// <summary>Returns what the bytes show; what the sender claims if they show nothing and it claims no image.</summary>
    private static string TypeOf(FileFacts facts, UploadNote note)
    {
        var claimed = note.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        return facts.ContentType == MediaTypeNames.Application.Octet && claimed is { Length: > 2 and <= ImageFormat.LongestContentType }
            && !claimed.StartsWith("image/", StringComparison.Ordinal) && claimed.Count(letter => letter == '/') == 1
            && claimed.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '-' or '+' or '.' or '_')
            ? claimed
            : facts.ContentType;
    }
}
