namespace GenApi.Core.Images;

/// <summary>
/// An image whose bytes are safe and which has no row yet. Its bytes can't be deleted until this is disposed, so dispose it after the
/// transaction with its row has been committed, or has failed.
/// </summary>
public sealed class StagedImage : IDisposable
{
    private readonly BlobPins _pins;
    private readonly DateTimeOffset _at;
    private int _disposed;

    internal StagedImage(BlobPins pins, string sha256, long bytes, ImageFacts facts, DateTimeOffset at) =>
        (_pins, Sha256, Bytes, Facts, _at) = (pins, sha256, bytes, facts, at);

    public string Sha256 { get; }

    public long Bytes { get; }

    public ImageFacts Facts { get; }

    /// <summary>The row to add in the caller's own transaction; <paramref name="fileName"/> as of <see cref="ImageFileName.Of"/>.</summary>
    public StoredImage ToRow(Guid id, Guid generationId, int index, string fileName) => new()
    {
        Id = id,
        GenerationId = generationId,
        Index = index,
        BlobKey = Sha256,
        ContentType = Facts.Format.ContentType,
        Width = Facts.Width,
        Height = Facts.Height,
        Bytes = Bytes,
        FileName = fileName,
        CreatedAt = _at,
    };

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _pins.Release(Sha256);
    }
}
