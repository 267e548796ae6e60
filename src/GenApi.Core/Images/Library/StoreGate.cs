using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;

namespace GenApi.Core.Images.Library;

/// <summary>
/// Checks that a new image can be stored: database, blob store, and some free disk space. It is asked before anything that costs money or
/// accepts bytes, so that nothing is paid for that could not be stored. Each check asks the disk itself and takes some microseconds.
/// </summary>
public sealed class StoreGate(IDatabaseHealth database, IBlobStore blobs)
{
    /// <summary>StorageUnavailable or StorageFull, with what to do; null: the store is usable.</summary>
    public GenApiException? Fault => database.Fault ?? blobs.Fault ?? (database.HasRoom ? null : Full());

    /// <exception cref="GenApiException">See <see cref="Fault"/>.</exception>
    public void Require()
    {
        if (Fault is { } fault)
            throw fault;
    }

    private static GenApiException Full() => new(
        ErrorKind.StorageFull, "There is no room left to accept new requests. Free some disk space, or delete generations.")
    { IsTransient = true };
}
