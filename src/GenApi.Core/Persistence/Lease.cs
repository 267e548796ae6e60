namespace GenApi.Core.Persistence;

/// <summary>
/// A worker's exclusive claim on a row for a time. One conditional update claims or renews it. A worker that has lost its lease finds out
/// at its next save, which is refused.
/// </summary>
/// <param name="Owner">The holder; null: there is none.</param>
/// <param name="Until">The end; from then on any worker may claim it.</param>
/// <param name="Epoch">How often the row was claimed. A worker that was frozen finds a higher number than the one it knows.</param>
public sealed record Lease(string? Owner, DateTimeOffset? Until, long Epoch = 0)
{
    /// <summary>
    /// The length of a lease. Stalled disks and GC pauses are well below it; the work of a dead instance waits this long at most.
    /// </summary>
    public static readonly TimeSpan Term = TimeSpan.FromSeconds(30);

    public static readonly Lease None = new(null, null);

    public static Lease For(string owner, DateTimeOffset now) => new(owner, now + Term);

    /// <summary>Makes the lease of a row that nobody works on. The epoch stays, so that the next claim has a higher one.</summary>
    public Lease Released => new(null, null, Epoch);

    /// <summary>Makes the lease of a row that is claimed now.</summary>
    /// <param name="next">The owner and the end.</param>
    public Lease ClaimedAs(Lease next) => next with { Epoch = Epoch + 1 };

    public bool IsHeldBy(string owner) => Owner == owner;
}
