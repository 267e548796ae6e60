using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Bin;

/// <summary>
/// Measures how long an image stays in the bin, by the steady clock: setting the clock of a running service ends nothing early. The time
/// while the service is stopped counts.
/// </summary>
internal sealed class BinClock(SteadyClock clock, IOptions<BinOptions> options)
{
    private readonly TimeSpan _undo = TimeSpan.FromMinutes(options.Value.UndoMinutes);

    /// <summary>True if there is a bin at all; otherwise a deletion is final at once.</summary>
    public bool IsOn => _undo > TimeSpan.Zero;

    /// <summary>The steady time, with which an image goes into the bin.</summary>
    public DateTimeOffset Now => clock.Now;

    /// <summary>Images that went into the bin at this time or earlier are gone for good.</summary>
    public DateTimeOffset Oldest => clock.Now - _undo;

    /// <summary>Says whether the image is in the bin and can be restored.</summary>
    public bool IsRestorable(StoredImage image) => image.BinnedAt > Oldest;

    /// <summary>Returns until when an image can be restored, by the time of day.</summary>
    public DateTimeOffset RestorableUntil(DateTimeOffset binnedAt) => clock.ToWall(binnedAt + _undo);
}
