using GenApi.Core.Persistence;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Cluster;

/// <summary>
/// The lease of this instance among several. The database's clock decides when it ends for others. For itself the instance trusts its own
/// clocks, from the moment before it asked: so its trust ends before the lease does, however long the answer took.
/// </summary>
internal sealed class SharedCluster : ICluster, IDisposable
{
    private readonly InstanceName _name;
    private readonly TimeProvider _time;
    private readonly TimeSpan _trust;
    private readonly Lock _gate = new();
    private readonly ITimer _end;
    private CancellationTokenSource _alive = new();
    private ClockReading _renewedAt;
    private DateTimeOffset _until = DateTimeOffset.MinValue;
    private int _live = 1;

    public SharedCluster(InstanceName name, TimeProvider time, IOptions<ClusterOptions> options)
    {
        (_name, _time, _trust) = (name, time, options.Value.Lease - options.Value.Margin);
        _alive.Cancel();
        _end = time.CreateTimer(
            static cluster => ((SharedCluster)cluster!).Notice(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string InstanceId => _name.Id;

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public int LiveInstances => Volatile.Read(ref _live);

    /// <inheritdoc/>
    public bool IsAlive => Notice();

    /// <inheritdoc/>
    public CancellationToken Alive
    {
        get
        {
            Notice();
            lock (_gate)
                return _alive.Token;
        }
    }

    /// <summary>The time since the last renewal was asked for; null: there is no lease.</summary>
    public TimeSpan? Age
    {
        get
        {
            if (!Notice())
                return null;
            lock (_gate)
                return _renewedAt.Elapsed(_time);
        }
    }

    /// <inheritdoc/>
    public Lease NextLease
    {
        get
        {
            lock (_gate)
                return new(InstanceId, _until);
        }
    }

    /// <inheritdoc/>
    public bool IsAliveIn(GenApiDbContext db)
    {
        lock (_gate)
            return db.Now < _until;
    }

    /// <summary>
    /// Notes a heartbeat that is committed. If the lease ended while the heartbeat was on its way, the work under it has been dropped, so
    /// only a heartbeat that begins with a new lease, and frees what was held before, ends that state.
    /// </summary>
    /// <returns>False: the lease can't be trusted, and another heartbeat is needed at once.</returns>
    public bool Renewed(Heartbeat beat)
    {
        lock (_gate)
        {
            Volatile.Write(ref _live, Math.Max(1, beat.Live));
            var left = _trust - beat.AskedAt.Elapsed(_time);
            if (left <= TimeSpan.Zero || (_alive.IsCancellationRequested && !beat.IsNew))
            {
                _until = DateTimeOffset.MinValue;
                _ = _alive.CancelAsync();
                return false;
            }
            (_renewedAt, _until) = (beat.AskedAt, beat.Until);
            // Also where only the database saw the end. The canceled one is not disposed of: links to it may still be made.
            if (beat.IsNew)
            {
                _ = _alive.CancelAsync();
                _alive = new CancellationTokenSource();
            }
            _end.Change(left, Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    /// <summary>Gives the lease up, before its row is removed.</summary>
    public void End()
    {
        lock (_gate)
        {
            _until = DateTimeOffset.MinValue;
            _ = _alive.CancelAsync();
        }
    }

    public void Dispose()
    {
        _end.Dispose();
        lock (_gate)
            _alive.Cancel();
    }

    /// <summary>
    /// Notices the end of the lease. A caller that asks notices it too, because the timer of a process that was frozen may come later
    /// than its other work.
    /// </summary>
    /// <returns>Whether the lease holds.</returns>
    private bool Notice()
    {
        lock (_gate)
        {
            if (_alive.IsCancellationRequested)
                return false;
            if (_renewedAt.Elapsed(_time) < _trust)
                return true;
            // The listeners run elsewhere: they may take locks, and this is asked in the middle of other work.
            _ = _alive.CancelAsync();
            return false;
        }
    }
}
