using GenApi.Core.Persistence;

namespace GenApi.Core.Images;

/// <summary>
/// Rows of a feature that need bytes. Equal bytes are one blob, so before one is deleted every feature is asked, and so do the check of the
/// store, a backup and the sweep of what nobody needs; each feature registers one of these, and this room knows none of them.
/// </summary>
public interface IBlobUser
{
    /// <summary>What such a row is called, such as <c>image</c>.</summary>
    string Kind { get; }

    /// <summary>Of the ids of such rows; see <see cref="PublicId"/>.</summary>
    string Prefix { get; }

    /// <summary>Whether a row of this feature, as committed now, needs the bytes.</summary>
    Task<bool> UsesAsync(GenApiDbContext db, string blobKey, CancellationToken cancellationToken);

    /// <summary>Those of the keys that a row needs.</summary>
    Task<IReadOnlyCollection<string>> UsedOfAsync(GenApiDbContext db, string[] blobKeys, CancellationToken cancellationToken);

    /// <summary>How many rows need bytes.</summary>
    Task<long> CountAsync(GenApiDbContext db, CancellationToken cancellationToken);

    /// <summary>All rows that need one of the next <paramref name="atMost"/> keys after <paramref name="after"/>, by key; none: the end.</summary>
    Task<IReadOnlyList<BlobReference>> NextAsync(GenApiDbContext db, string after, int atMost, CancellationToken cancellationToken);

    /// <summary>Writes into the row since when its bytes are lost; null: they are there.</summary>
    /// <returns>False where such rows can't say so; nothing was written.</returns>
    Task<bool> MarkLostAsync(GenApiDbContext db, Guid id, DateTimeOffset? since, CancellationToken cancellationToken);
}

/// <summary>A row that needs a blob.</summary>
public sealed class BlobReference
{
    public required Guid Id { get; init; }

    public required string BlobKey { get; init; }

    /// <summary>In bytes; null: the row does not say.</summary>
    public required long? Length { get; init; }

    /// <summary>The row says itself that its bytes are lost.</summary>
    public required bool IsLost { get; init; }
}
