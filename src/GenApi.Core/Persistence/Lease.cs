namespace GenApi.Core.Persistence;

/// <summary>
/// A worker's exclusive claim on a row for a time. One conditional update claims or renews it. A worker that has lost its lease finds out
/// at its next save, which is refused.
/// </summary>
/// <param name="Owner">The holder; null: there is none.</param>
/// <param name="Until">The end; from then on any worker may claim it.</param>
public sealed record Lease(string? Owner, DateTimeOffset? Until)
{
    /// <summary>
    /// The length of a lease. Stalled disks and GC pauses are well below it; the work of a dead instance waits this long at most.
    /// </summary>
    public static readonly TimeSpan Term = TimeSpan.FromSeconds(30);

    public static readonly Lease None = new(null, null);

    public static Lease For(string owner, DateTimeOffset now) => new(owner, now + Term);

    public bool IsHeldBy(string owner) => Owner == owner;
}
