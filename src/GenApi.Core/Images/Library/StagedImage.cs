namespace GenApi.Core.Images.Library;

/// <summary>
/// An image or another file whose bytes are safe and which has no row yet. Its bytes can't be deleted until this is disposed, so dispose it after the
/// transaction with its row has been committed, or has failed.
/// </summary>
public sealed class StagedImage : IDisposable
{
    private readonly BlobPins _pins;
    private readonly DateTimeOffset _at;
    private int _disposed;

    internal StagedImage(BlobPins pins, string sha256, long bytes, FileFacts facts, DateTimeOffset at) =>
        (_pins, Sha256, Bytes, Facts, _at) = (pins, sha256, bytes, facts, at);

    public string Sha256 { get; }

    public long Bytes { get; }

    public FileFacts Facts { get; }

    /// <summary>The row to add in the caller's own transaction; <paramref name="fileName"/> as of <see cref="ImageFileName.Of"/>.</summary>
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
        // The extensions of pictures follow from their type; a file's is part of its name.
        FileName = Facts.Kind == FileKind.Image ? fileName : ImageFileName.With(fileName, Facts.Extension),
        CreatedAt = _at,
    };

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _pins.Release(Sha256);
    }
}
