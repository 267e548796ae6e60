using GenApi.Core.Persistence;

namespace GenApi.Core.Images;

/// <summary>
/// A feature whose rows need bytes that an image may need too. Equal bytes are one blob, so before one is deleted every feature is asked;
/// each registers one of these, and this room knows none of them.
/// </summary>
internal interface IBlobUser
{
    /// <summary>Whether a row of this feature, as committed now, needs the bytes.</summary>
    Task<bool> UsesAsync(GenApiDbContext db, string blobKey, CancellationToken cancellationToken);
}
