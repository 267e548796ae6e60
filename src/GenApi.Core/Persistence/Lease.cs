namespace GenApi.Core.Persistence;

/// <summary>
/// A worker's right to a row for a time. It is taken and renewed by one conditional update; a worker that lost it finds that out at its
/// next save, which is refused.
/// </summary>
/// <param name="Owner">Who has it; null: nobody.</param>
/// <param name="Until">From then on anybody may take it.</param>
public sealed record Lease(string? Owner, DateTimeOffset? Until)
{
    /// <summary>A stalled disk or a long collection pause stays well below it; a dead instance's work waits this long at most.</summary>
    public static readonly TimeSpan Term = TimeSpan.FromSeconds(30);

    public static readonly Lease None = new(null, null);

    public static Lease For(string owner, DateTimeOffset now) => new(owner, now + Term);

    public bool IsHeldBy(string owner) => Owner == owner;
}
