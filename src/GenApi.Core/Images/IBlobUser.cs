using GenApi.Core.Persistence;

namespace GenApi.Core.Images;

/// <summary>
/// Rows of a feature that need bytes. Equal bytes share one blob, so every feature is asked before a blob is deleted. The store check,
/// backups and the sweep of unused blobs ask them too. Each feature registers its own; this room knows none of them.
/// </summary>
public interface IBlobUser
{
    /// <summary>The name of such a row, such as <c>image</c>.</summary>
    string Kind { get; }

    /// <summary>The prefix of the ids of such rows; see <see cref="PublicId"/>.</summary>
    string Prefix { get; }

    /// <summary>
    /// True if the bytes can be made again from others. A row that has lost them is then removed rather than marked, and a backup leaves
    /// them out.
    /// </summary>
    bool IsDerived => false;

    /// <summary>Returns whether a committed row of this feature needs the bytes.</summary>
    Task<bool> UsesAsync(GenApiDbContext db, string blobKey, CancellationToken cancellationToken);

    /// <summary>Returns the keys that a row needs.</summary>
    Task<IReadOnlyCollection<string>> UsedOfAsync(GenApiDbContext db, string[] blobKeys, CancellationToken cancellationToken);

    /// <summary>Counts the rows that need bytes.</summary>
    Task<long> CountAsync(GenApiDbContext db, CancellationToken cancellationToken);

    /// <summary>
    /// Returns all rows that need one of the next <paramref name="atMost"/> keys after <paramref name="after"/>, by key; none at the end.
    /// </summary>
    Task<IReadOnlyList<BlobReference>> NextAsync(GenApiDbContext db, string after, int atMost, CancellationToken cancellationToken);

    /// <summary>
    /// Records in the row since when its bytes are lost; null: they are there. A row of a feature that <see cref="IsDerived"/> is removed.
    /// </summary>
    /// <returns>False if such rows can't record it; nothing was written.</returns>
    Task<bool> MarkLostAsync(GenApiDbContext db, Guid id, DateTimeOffset? since, CancellationToken cancellationToken);
}

/// <summary>A row that needs a blob.</summary>
public sealed class BlobReference
{
    public required Guid Id { get; init; }

    public required string BlobKey { get; init; }

    /// <summary>In bytes; null if the row does not say.</summary>
    public required long? Length { get; init; }

    /// <summary>True if the row itself marks its bytes as lost.</summary>
    public required bool IsLost { get; init; }
}
