namespace GenApi.Core.Persistence.Files;

/// <summary>
/// Reserves room on the disk while there is plenty, and releases it where a full disk would prevent a start or a deletion: SQLite needs
/// some pages to delete a row. While the reserve is released nothing new is accepted, so that new work can't use it up.
/// </summary>
public sealed class DiskReserve(DataDirectory directory, TimeProvider time)
{
    /// <summary>The size in bytes. A deletion takes some 200 kB of log at most.</summary>
    public const int Bytes = 2 << 20;

    private const string Name = "genapi.reserve";

    private static readonly TimeSpan TryEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile bool _isWhole;
    private long? _triedAt;

    /// <summary>True if the reserve is there. Once a second it also tries to take a released reserve again.</summary>
    public bool IsWhole => _isWhole || TryTake();

    /// <summary>Releases the reserve.</summary>
    /// <returns>False where it was released before, so there is nothing to gain.</returns>
    public bool Release()
    {
        lock (_gate)
        {
            var file = new FileInfo(directory.PathOf(Name));
            if (!file.Exists || file.Length < Bytes)
                return false;
            file.Delete();
            (_isWhole, _triedAt) = (false, time.GetTimestamp());
            return true;
        }
    }

    private bool TryTake()
    {
        lock (_gate)
        {
            if (_isWhole || (_triedAt is { } last && time.GetElapsedTime(last) < TryEvery))
                return _isWhole;
            _triedAt = time.GetTimestamp();
            var path = directory.PathOf(Name);
            try
            {
                // Twice as much must be free, or the next write would find the disk full.
                _isWhole = new FileInfo(path) is { Exists: true, Length: >= Bytes }
                    || (DiskRoom.FreeAt(directory.Root) >= 2 * Bytes && Write(path));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // A part of the file would only take room from other writes.
                if (File.Exists(path))
                    File.Delete(path);
            }
            return _isWhole;
        }
    }

    /// <summary>Writes bytes that no file system can skip or compress.</summary>
    private static bool Write(string path)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Bytes);
        Random.Shared.NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        return true;
    }
}
