namespace GenApi.Core.Images.Variants;

/// <summary>A variant that can be served.</summary>
internal sealed class KeptVariant
{
    private int _usedDay;

    public KeptVariant(ImageVariant row, byte[]? bytes = null)
    {
        (Id, ImageId, Sha256, ContentType, Width, Height) = (row.Id, row.ImageId, row.BlobKey, row.ContentType, row.Width, row.Height);
        (Length, CreatedAt, Bytes, _usedDay) = (row.Bytes, row.CreatedAt, bytes, row.UsedOn.DayNumber);
    }

    /// <summary>SHA-256 of the bytes, 64 lower-case hexadecimal digits.</summary>
    public string Sha256 { get; }

    public string ContentType { get; }

    /// <summary>In pixels.</summary>
    public int Width { get; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    public DateTimeOffset CreatedAt { get; }

    public Guid Id { get; }

    public Guid ImageId { get; }

    /// <summary>The bytes, if the store had no room for them; null: they are a blob.</summary>
    public byte[]? Bytes { get; }

    /// <summary>Notes a use.</summary>
    /// <returns>Whether it is the first one on that day.</returns>
    public bool IsFirstUseOn(DateOnly day) =>
        Volatile.Read(ref _usedDay) != day.DayNumber && Interlocked.Exchange(ref _usedDay, day.DayNumber) != day.DayNumber;
}
