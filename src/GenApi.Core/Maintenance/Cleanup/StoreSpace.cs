using GenApi.Core.Blobs;
using GenApi.Core.Generations.Reading;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>The size of the store and its limit.</summary>
internal sealed class StoreSpace
{
    private readonly IBlobStore _blobs;
    private readonly MissingImages _lost;
    private readonly long _most;

    public StoreSpace(IBlobStore blobs, MissingImages lost, IOptions<MaintenanceOptions> options) =>
        (_blobs, _lost, _most) = (blobs, lost, options.Value.MaxBytes);

    /// <summary>Images found without their bytes since the start.</summary>
    public long MissingImages => _lost.Missing;

    /// <summary>Images found with damaged bytes since the start.</summary>
    public long DamagedImages => _lost.Damaged;

    /// <summary>Bytes of all stored images, variants and uploads, equal ones once; null in the first moments after a start.</summary>
    public long? Bytes => _blobs.TotalBytes;

    /// <summary><c>Upkeep:MaxBytes</c>; null: no limit.</summary>
    public long? MaxBytes => _most > 0 ? _most : null;

    /// <summary>The store exceeds its limit, and nothing that is left may be removed.</summary>
    public bool IsStuck { get; internal set; }

    internal bool IsOver => MaxBytes < Bytes;
}
