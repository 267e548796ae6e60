using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Sqlite;

namespace GenApi.Core.Images.Library;

/// <summary>
/// Whether the place for a new image is there: database, blob store, and some room on the disk. Asked before whatever costs money or
/// takes bytes in, so that nothing is
/// paid for that could not be kept. Each look asks the disk itself; it costs some microseconds.
/// </summary>
public sealed class StoreGate
{
    private readonly DatabaseWatch _database;
    private readonly IBlobStore _blobs;
    private readonly DiskReserve _reserve;

    internal StoreGate(DatabaseWatch database, IBlobStore blobs, DiskReserve reserve) => (_database, _blobs, _reserve) = (database, blobs, reserve);

    /// <summary>StorageUnavailable or StorageFull, with what to do; null: the store is there.</summary>
    public GenApiException? Fault => _database.Fault ?? _blobs.Fault ?? (_reserve.IsWhole ? null : Full());

    /// <exception cref="GenApiException">See <see cref="Fault"/>.</exception>
    public void Require()
    {
        if (Fault is { } fault)
            throw fault;
    }

    private static GenApiException Full() => new(
        ErrorKind.StorageFull, "There is no room left to accept new requests. Make room on the disk, or delete generations.")
    { IsTransient = true };
}
