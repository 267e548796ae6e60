using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;

namespace GenApi.Core.Blobs.Disk;

/// <summary>
/// Watches the folder of the blobs: whether it is still the folder seen at start, can be written, and has room. While another folder is in
/// its place (such as the empty mount point of an unmounted volume), a missing file does not count as lost.
/// </summary>
/// <param name="root">The folder of all blobs.</param>
/// <param name="temp">Its folder for temporary files; recreated if missing.</param>
internal sealed class BlobFolder(string root, string temp)
{
    /// <summary>A disk without room for a few bytes has no room for an image.</summary>
    private const long LeastRoom = 1 << 20;

    private FileIdentity? _identity;

    /// <summary>Bytes that must be free before new work is accepted; 0: the disk was not full.</summary>
    private long _wanted;

    /// <summary>True if this is still the folder seen at start, so that a file missing from it is really missing.</summary>
    public bool IsOurs => _identity is { } known ? FileIdentity.Of(root) == known : Directory.Exists(root);

    /// <summary>The reason why the folder can't accept bytes; null: it can. Takes some microseconds.</summary>
    public GenApiException? Fault
    {
        get
        {
            if (_identity is not null && !IsOurs)
            {
                return Unusable(Directory.Exists(root)
                    ? "Another folder has taken the place of the image store. "
                        + "Put the old one back, or restart the service. Until then, new requests are refused."
                    : "The image store is missing from its path. Bring its folder back. Until then, new requests are refused.");
            }
            if (!FileIdentity.IsWritable(root) || (!FileIdentity.IsWritable(temp) && !CanMakeTemp()))
                return Unusable("The image store is read-only. Make its folder writable again. Until then, new requests are refused.");
            if (Interlocked.Read(ref _wanted) is > 0 and var wanted && DiskRoom.FreeAt(root) < wanted)
                return Full();
            Interlocked.Exchange(ref _wanted, 0);
            return null;
        }
    }

    /// <summary>Reports a nearly full disk, whether or not a write has failed yet; null: there is room.</summary>
    public GenApiException? Crowded => DiskRoom.FreeAt(root) < LeastRoom ? Full() : null;

    /// <summary>Records the identity of the folder; from now on only this folder counts as the store.</summary>
    public void Remember() => _identity = FileIdentity.Of(root);

    /// <summary>Records that a write found the disk full. New work is accepted again once twice as much is free.</summary>
    /// <param name="bytes">The size of the failed write.</param>
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
        const string full = "There is no room left to store images. Free some disk space; GenApi then accepts new requests again.";
        return new(ErrorKind.StorageFull, full) { IsTransient = true };
    }

    private static GenApiException Unusable(string sentence) => new(ErrorKind.StorageUnavailable, sentence) { IsTransient = true };
}
