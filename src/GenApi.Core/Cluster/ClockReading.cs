namespace GenApi.Core.Cluster;

/// <summary>
/// A moment by both clocks of this machine. The monotonic clock stands still while a virtual machine is suspended, the wall clock can be
/// set: of two times that have passed, the longer one counts.
/// </summary>
/// <param name="Stamp">Of the monotonic clock.</param>
/// <param name="Wall">Of the wall clock.</param>
internal readonly record struct ClockReading(long Stamp, DateTimeOffset Wall)
{
    public static ClockReading Now(TimeProvider time) => new(time.GetTimestamp(), time.GetUtcNow());

    /// <summary>The time since then, at least as long as it was.</summary>
    public TimeSpan Elapsed(TimeProvider time)
    {
        var (steady, wall) = (time.GetElapsedTime(Stamp), time.GetUtcNow() - Wall);
        return steady > wall ? steady : wall;
    }
}
