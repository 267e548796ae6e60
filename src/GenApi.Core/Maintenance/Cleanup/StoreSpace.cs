using GenApi.Core.Blobs;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images.Library;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>The size of the store and its limit.</summary>
internal sealed class StoreSpace
{
    private readonly IBlobMaintenance _blobs;
    private readonly IBlobHolds _holds;
    private readonly MissingImages _lost;
    private readonly long _most;

    public StoreSpace(IBlobMaintenance blobs, IBlobHolds holds, MissingImages lost, IOptions<MaintenanceOptions> options) =>
        (_blobs, _holds, _lost, _most) = (blobs, holds, lost, options.Value.MaxBytes);

    /// <summary>Images found without their bytes since the start.</summary>
    public long MissingImages => _lost.Missing;

    /// <summary>Images found with damaged bytes since the start.</summary>
    public long DamagedImages => _lost.Damaged;

    /// <summary>
    /// Bytes of all stored images, variants and uploads, equal ones once; null in the first moments after a start. Those that will be
    /// deleted after their grace do not count.
    /// </summary>
    public long? Bytes => _blobs.TotalBytes is { } all ? Math.Max(0, all - _holds.PendingBytes) : null;

    /// <summary><c>Upkeep:MaxBytes</c>; null: no limit.</summary>
    public long? MaxBytes => _most > 0 ? _most : null;

    /// <summary>The store exceeds its limit, and nothing that is left may be removed.</summary>
    public bool IsStuck { get; internal set; }

    internal bool IsOver => MaxBytes < Bytes;
}
