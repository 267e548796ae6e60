using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;

namespace GenApi.Core.Blobs;

/// <summary>
/// The folder of the blobs as it was at the start: whether it is still that one, can be written, and has room. While it is another one,
/// such as an empty folder under a
/// volume that is not mounted, what is missing in it is not lost.
/// </summary>
/// <param name="root">Of all blobs.</param>
/// <param name="temp">In it; made again where it is missing.</param>
internal sealed class BlobFolder(string root, string temp)
{
    /// <summary>A disk that had no room for a few bytes has no room for an image.</summary>
    private const long LeastRoom = 1 << 20;

    private FileIdentity? _identity;

    /// <summary>Bytes that must be free before new work is accepted; 0: the disk was not full.</summary>
    private long _wanted;

    /// <summary>Whether a file that is not in it is really missing.</summary>
    public bool IsOurs => _identity is { } known ? FileIdentity.Of(root) == known : Directory.Exists(root);

    /// <summary>Why it can take no bytes; null: it can. Some microseconds.</summary>
    public GenApiException? Fault
    {
        get
        {
            if (_identity is not null && !IsOurs)
            {
                return Unusable(Directory.Exists(root)
                    ? "Another folder has taken the place of the image store. Put the old one back, or restart the service; nothing is accepted until then."
                    : "The image store is not at its place. Bring its folder back; nothing is accepted until then.");
            }
            if (!FileIdentity.IsWritable(root) || (!FileIdentity.IsWritable(temp) && !CanMakeTemp()))
                return Unusable("The image store can only be read. Make its folder writable again; nothing is accepted until then.");
            if (Interlocked.Read(ref _wanted) is > 0 and var wanted && DiskRoom.FreeAt(root) < wanted)
                return Full();
            Interlocked.Exchange(ref _wanted, 0);
            return null;
        }
    }

    /// <summary>That the disk has next to no room, whether or not a write has met that yet; null: it has.</summary>
    public GenApiException? Crowded => DiskRoom.FreeAt(root) < LeastRoom ? Full() : null;

    /// <summary>From now on only this folder is ours.</summary>
    public void Remember() => _identity = FileIdentity.Of(root);

    /// <summary>A write found the disk full: nothing new is accepted before twice as much is free.</summary>
    /// <param name="bytes">That were to be written.</param>
    public void WasFull(long bytes) => Interlocked.Exchange(ref _wanted, Math.Max(LeastRoom, bytes * 2));

    private bool CanMakeTemp()
    {
        if (Directory.Exists(temp))
            return false;
        try
        {
            Directory.CreateDirectory(temp);
            return true;
        }
        catch (Exception failure) when (StorageFailure.Is(failure))
        {
            return false;
        }
    }

    private static GenApiException Full()
    {
        const string full = "There is no room left to store images. Make room on the disk; then new requests are accepted again.";
        return new(ErrorKind.StorageFull, full) { IsTransient = true };
    }

    private static GenApiException Unusable(string sentence) => new(ErrorKind.StorageUnavailable, sentence) { IsTransient = true };
}
