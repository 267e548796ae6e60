namespace GenApi.Core.Persistence;

/// <summary>
/// The clock of pauses, deadlines and leases: the wall clock at the start of the process, continued by the monotonic clock. It can't be
/// set, so nothing that it measures ends early or late when the wall clock is set. It does not show the time of day: times that callers
/// see, and times that must hold across restarts, follow the wall clock.
/// <para>
/// Where several instances share a database server, it follows the clock of the server (<see cref="Follow"/>). So instances whose own
/// clocks differ agree about leases, deadlines and next attempts.
/// </para>
/// </summary>
public sealed class SteadyClock : TimeProvider
{
    /// <summary>A server's clock that was set back by more is followed at once. Standing still for longer would do more harm.</summary>
    private static readonly TimeSpan MostStandstill = TimeSpan.FromMinutes(1);

    /// <summary>Reading two clocks takes a moment, so a wall clock this close was not set.</summary>
    private static readonly TimeSpan Unnoticed = TimeSpan.FromSeconds(0.5);

    private readonly TimeProvider _time;
    private readonly DateTimeOffset _beganAt;
    private readonly long _began;
    private readonly bool _followsServer;
    private readonly Lock _following = new();
    private volatile bool _isFollowing;
    private long _correction, _latest;

    /// <param name="time">The wall clock and the monotonic one.</param>
    /// <param name="followsServer">Whether to follow a database server; false where one clock is the truth for all, as in tests.</param>
    public SteadyClock(TimeProvider time, bool followsServer = true) =>
        (_time, _beganAt, _began, _followsServer) = (time, time.GetUtcNow(), time.GetTimestamp(), followsServer);

    /// <summary>The steady time. It never goes back.</summary>
    public DateTimeOffset Now => _isFollowing ? Later() : _beganAt + _time.GetElapsedTime(_began);

    /// <summary>Follows a server's clock from now on. Call it again now and then: clocks drift apart.</summary>
    /// <param name="server">The server's time, as read just now.</param>
    public void Follow(DateTimeOffset server)
    {
        if (!_followsServer)
            return;
        lock (_following)
        {
            var own = _beganAt + _time.GetElapsedTime(_began);
            if (_isFollowing && Volatile.Read(ref _latest) - server.UtcTicks > MostStandstill.Ticks)
                Volatile.Write(ref _latest, server.UtcTicks);
            Volatile.Write(ref _correction, (server - own).Ticks);
            _isFollowing = true;
        }
    }

    /// <summary>Returns the time of a transaction: that of its server, or <see cref="Now"/> where there is none to follow.</summary>
    internal DateTimeOffset Of(DateTimeOffset? server) => _followsServer && server is { } theirs ? theirs : Now;

    private DateTimeOffset Later()
    {
        var now = (_beganAt + _time.GetElapsedTime(_began)).UtcTicks + Volatile.Read(ref _correction);
        while (true)
        {
            // After a correction backwards it stands still until the time is reached again.
            var latest = Volatile.Read(ref _latest);
            if (now <= latest)
                return new(latest, TimeSpan.Zero);
            if (Interlocked.CompareExchange(ref _latest, now, latest) == latest)
                return new(now, TimeSpan.Zero);
        }
    }

    /// <summary>
    /// The amount by which the wall clock was set forward since the process began; negative: back. It is 0 while a server's clock is
    /// followed, which is the wall clock of all instances then.
    /// </summary>
    public TimeSpan WallOffset
    {
        get
        {
            if (_isFollowing)
                return TimeSpan.Zero;
            var offset = _time.GetUtcNow() - Now;
            return offset.Duration() < Unnoticed ? TimeSpan.Zero : offset;
        }
    }

    /// <summary>Converts a steady time to the wall clock.</summary>
    public DateTimeOffset ToWall(DateTimeOffset steady) => steady + WallOffset;

    /// <summary>
    /// Converts a stamp of the wall clock, such as one of an earlier process. A stamp in the future counts as now.
    /// </summary>
    public DateTimeOffset FromWall(DateTimeOffset stamp)
    {
        var (now, steady) = (Now, stamp - WallOffset);
        return steady < now ? steady : now;
    }

    /// <inheritdoc/>
    /// <remarks>The steady time, for libraries that measure pauses by it.</remarks>
    public override DateTimeOffset GetUtcNow() => Now;

    /// <inheritdoc/>
    public override long GetTimestamp() => _time.GetTimestamp();

    /// <inheritdoc/>
    public override long TimestampFrequency => _time.TimestampFrequency;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _time.CreateTimer(callback, state, dueTime, period);
}
