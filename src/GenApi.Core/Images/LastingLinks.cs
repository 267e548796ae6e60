using GenApi.Core.Errors;
using GenApi.Core.Persistence;

namespace GenApi.Core.Images;

/// <summary>
/// Signs links that make one image or file readable until it is deleted: <c>?sig=…</c>. Chats store such links for years. Replacing the
/// key ends all of them at once, whichever process replaces it.
/// </summary>
public sealed class LastingLinks(ISecretStore secrets) : IPreparation
{
    public const string KeyFile = "lasting-link-key";

    private readonly Lock _reading = new();
    private volatile Known? _known;

    /// <summary>Returns the query string for the address of an image or file.</summary>
    /// <exception cref="GenApiException">StorageUnavailable: the key file can't be read.</exception>
    public string Query(Guid output) => $"?{ImageLinks.Signature}={LinkSignature.Of(Key(), output, LinkSignature.Never)}";

    /// <summary>Returns whether <see cref="Query"/> issued this signature for the image or file, under the key in force.</summary>
    /// <exception cref="GenApiException">StorageUnavailable: the key file can't be read.</exception>
    public bool IsOurs(Guid output, ReadOnlySpan<char> signature) =>
        LinkSignature.IsRight(Key(), output, LinkSignature.Never, signature);

    /// <summary>Replaces the key, in the writer's transaction: links that were issued before are refused from then on.</summary>
    /// <exception cref="GenApiException">StorageUnavailable: the key file can't be written.</exception>
    internal Task ReplaceKeyAsync(GenApiDbContext db, CancellationToken cancellationToken) =>
        secrets.ReplaceAsync(db, KeyFile, LinkSignature.NewKey(), cancellationToken);

    /// <summary>Reads the key again at the next use: it was replaced just now.</summary>
    internal void Forget() => secrets.Forget(KeyFile);

    /// <exception cref="SettingException">The key file can't be used.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        Read();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Returns the key in force. Its version is asked for at each use, which takes a microsecond or two. So a key that another process
    /// replaced is out of use at once where it is a file, and within a second or two where it is in a database.
    /// </summary>
    private byte[] Key()
    {
        try
        {
            return _known is { } known && known.Version == secrets.VersionOf(KeyFile) ? known.Key : Read();
        }
        catch (SettingException failure)
        {
            var sentence = $"Lasting links can't be used now: the operator must repair {secrets.PlaceOf(KeyFile)}.";
            throw new GenApiException(ErrorKind.StorageUnavailable, sentence, failure);
        }
    }

    private byte[] Read()
    {
        lock (_reading)
        {
            // Asked before the key is read: a key that is replaced in between is read once more, and never taken for the newer one.
            var version = secrets.VersionOf(KeyFile);
            var key = LinkSignature.Load(secrets, KeyFile);
            _known = new(version, key);
            return key;
        }
    }

    private sealed record Known(long Version, byte[] Key);
}
