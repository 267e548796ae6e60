using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Accounts.Keys;

/// <summary>The state of a key that is not in its row: it carries over from one ring to the next.</summary>
[SuppressMessage("Design", "CA1001",
    Justification = "A source without a timer has nothing to release, and callers may still look at its token.")]
internal sealed class KeyActivity(DateTimeOffset? lastUsedAt)
{
    private readonly CancellationTokenSource _ended = new();
    private long _lastUsed = lastUsedAt?.UtcTicks ?? 0;
    private long _saved = lastUsedAt?.UtcTicks ?? 0;

    public CancellationToken Ended => _ended.Token;

    public DateTimeOffset? LastUsedAt =>
        Volatile.Read(ref _lastUsed) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>
    /// Records a use, at most once a second: that is precise enough and keeps several cores from writing to the same place all the time. It
    /// also follows a clock that was set back.
    /// </summary>
    public void Use(DateTimeOffset now)
    {
        if (now.UtcTicks - Volatile.Read(ref _lastUsed) is >= TimeSpan.TicksPerSecond or <= -TimeSpan.TicksPerSecond)
            Volatile.Write(ref _lastUsed, now.UtcTicks);
    }

    public void End() => _ended.Cancel();

    /// <summary>Returns the last use if it is not saved yet.</summary>
    public DateTimeOffset? Unsaved() =>
        LastUsedAt is { } at && at.UtcTicks != Volatile.Read(ref _saved) ? at : null;

    public void Saved(DateTimeOffset at) => Volatile.Write(ref _saved, at.UtcTicks);
}
