using GenApi.Core.Background;
using GenApi.Core.Persistence;

namespace GenApi.Core.Images.Library;

/// <summary>
/// An image or another file whose bytes are safe but which has no row yet. Its bytes can't be deleted until this is disposed, so dispose it
/// after the transaction with its row has committed or failed.
/// </summary>
public sealed class StagedImage : IDisposable
{
    private readonly BlobHold _hold;
    private readonly WakeSignal _stored;
    private readonly DateTimeOffset _at;
    private int _disposed;

    internal StagedImage(BlobHold hold, WakeSignal stored, string sha256, long bytes, FileFacts facts, DateTimeOffset at) =>
        (_hold, _stored, Sha256, Bytes, Facts, _at) = (hold, stored, sha256, bytes, facts, at);

    public string Sha256 { get; }

    public long Bytes { get; }

    public FileFacts Facts { get; }

    /// <summary>
    /// Creates the row to add in the caller's transaction; <paramref name="fileName"/> is a name from <see cref="ImageFileName.Of"/>.
    /// </summary>
    public StoredImage ToRow(Guid id, Guid generationId, int index, string fileName) => new()
    {
        Id = id,
        GenerationId = generationId,
        Index = index,
        BlobKey = Sha256,
        Kind = Facts.Kind,
        ContentType = Facts.ContentType,
        Width = Facts.Width,
        Height = Facts.Height,
        Bytes = Bytes,
        DurationMs = Facts.DurationMs,
        // An image's extension follows from its type; another file's is part of its name.
        FileName = Facts.Kind == FileKind.Image ? fileName : ImageFileName.With(fileName, Facts.Extension),
        CreatedAt = _at,
    };

    /// <summary>
    /// Checks that the bytes are still protected from deletion. Call it in the transaction that adds their row, whatever makes that row.
    /// </summary>
    /// <exception cref="Errors.GenApiException">StorageUnavailable, transient: it took too long. Store the bytes again.</exception>
    public void Require(GenApiDbContext db) => _hold.Require(db);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _hold.Release();
        _stored.Wake();
    }
}
