namespace GenApi.Core.Persistence.Files;

/// <summary>
/// Room on the disk that is taken while there is plenty, and given up where a full disk would keep the service from starting or from
/// deleting. SQLite needs some
/// pages to delete a row. While it is given up nothing new is accepted, so that it is not used up by what made the disk full.
/// </summary>
public sealed class DiskReserve(DataDirectory directory, TimeProvider time)
{
    /// <summary>In bytes. A deletion takes some 200 kB of log at most.</summary>
    public const int Bytes = 2 << 20;

    private const string Name = "genapi.reserve";

    private static readonly TimeSpan TryEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile bool _isWhole;
    private long? _triedAt;

    /// <summary>Whether it is there; takes it again where it was given up and the disk has room, which is tried once a second.</summary>
    public bool IsWhole => _isWhole || TryTake();

    /// <summary>Gives it up.</summary>
    /// <returns>False: it was given up before, so there is nothing to gain.</returns>
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
                // Twice as much, or the next write would be the one that finds the disk full.
                _isWhole = new FileInfo(path) is { Exists: true, Length: >= Bytes } || (DiskRoom.FreeAt(directory.Root) >= 2 * Bytes && Write(path));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // What was written of it would be missing elsewhere.
                if (File.Exists(path))
                    File.Delete(path);
            }
            return _isWhole;
        }
    }

    /// <summary>Bytes that no file system can leave out or make smaller.</summary>
    private static bool Write(string path)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Bytes);
        Random.Shared.NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        return true;
    }
}
