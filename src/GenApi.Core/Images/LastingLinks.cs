using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;

namespace GenApi.Core.Images;

/// <summary>
/// Signs links that make one image or file readable until it is deleted: <c>?sig=…</c>. Chats store such links for years. Replacing the
/// key file ends all of them at once, whichever process replaces it.
/// </summary>
public sealed class LastingLinks(DataDirectory directory) : IPreparation
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

    /// <summary>Replaces the key: links that were issued before are refused from now on.</summary>
    /// <exception cref="GenApiException">StorageUnavailable: the key file can't be written.</exception>
    internal void ReplaceKey() => SecretFile.Replace(directory, KeyFile, LinkSignature.NewKey());

    /// <exception cref="SettingException">The key file can't be used.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        Read();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Returns the key in force. Its file is asked for its time at each use, which takes a microsecond or two, so a key that another
    /// process replaced is out of use at once.
    /// </summary>
    private byte[] Key()
    {
        try
        {
            return _known is { } known && known.WrittenAt == WrittenAt() ? known.Key : Read();
        }
        catch (SettingException failure)
        {
            throw new GenApiException(
                ErrorKind.StorageUnavailable, $"Lasting links can't be used now: the operator must repair the file '{KeyFile}'.", failure);
        }
    }

    private byte[] Read()
    {
        lock (_reading)
        {
            // Asked before the file is read: a file that is replaced in between is read once more, and never taken for the newer one.
            var writtenAt = WrittenAt();
            var key = LinkSignature.Load(directory, KeyFile);
            _known = new(writtenAt, key);
            return key;
        }
    }

    private DateTime WrittenAt() => File.GetLastWriteTimeUtc(directory.PathOf(KeyFile));

    private sealed record Known(DateTime WrittenAt, byte[] Key);
}
