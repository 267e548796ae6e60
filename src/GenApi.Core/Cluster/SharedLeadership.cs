using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Cluster;

/// <summary>
/// Elects the leader of a shared cluster: one row says who leads, in which term, and until when. Every heartbeat of the leader renews it,
/// and one of another instance takes it when it has run out. The leader trusts itself only from the moment before it asked, for a little
/// less than the term.
/// </summary>
internal sealed partial class SharedLeadership(
    InstanceName name, TimeProvider time, IOptions<ClusterOptions> options, ILogger<SharedLeadership> logger) : ILeadership, IHeartbeatPart
{
    /// <summary>The name of the row.</summary>
    internal const string Row = "leader";

    private readonly TimeSpan _trust = options.Value.Lease - options.Value.Margin;
    private readonly Lock _gate = new();
    private ClockReading _renewedAt;
    private long _own;
    private long _seen;
    private bool _mayLead;
    private bool _asked;

    /// <inheritdoc/>
    public bool IsLeader
    {
        get
        {
            lock (_gate)
                return _mayLead && _renewedAt.Elapsed(time) < _trust;
        }
    }

    /// <inheritdoc/>
    public long Term
    {
        get
        {
            lock (_gate)
                return _seen;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> ConfirmAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        long own;
        lock (_gate)
        {
            if (!_mayLead)
                return false;
            own = _own;
        }
        var now = db.Now;
        return await db.Set<LeaderTerm>().AnyAsync(
            row => row.Name == Row && row.Holder == name.Id && row.Term == own && row.Until > now, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task BeatAsync(GenApiDbContext db, Heartbeat beat, CancellationToken cancellationToken)
    {
        var row = await db.Set<LeaderTerm>().FirstOrDefaultAsync(each => each.Name == Row, cancellationToken);
        if (row is null)
            db.Add(row = new LeaderTerm { Name = Row, Holder = beat.Owner, Term = 1, Until = beat.Until });
        else if (row.Holder == beat.Owner && row.Until > beat.Now && row.Term == _own)
            row.Until = beat.Until;
        else if (row.Until <= beat.Now)
            (row.Holder, row.Term, row.Until) = (beat.Owner, row.Term + 1, beat.Until);
        await db.SaveChangesAsync(cancellationToken);
        (_asked, _seen) = (row.Holder == beat.Owner, row.Term);
    }

    /// <inheritdoc/>
    public void Beaten(Heartbeat beat)
    {
        var (was, isNew) = (false, false);
        lock (_gate)
        {
            was = _mayLead;
            isNew = _asked && _own != _seen;
            (_mayLead, _renewedAt) = (_asked, beat.AskedAt);
            if (_asked)
                _own = _seen;
        }
        if (isNew)
            Log.Leads(logger, name.Id, _seen);
        else if (was && !_asked)
            Log.LeadsNoMore(logger, name.Id);
    }

    /// <inheritdoc/>
    public async Task LeaveAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        long own;
        lock (_gate)
            (own, _mayLead) = (_own, false);
        var now = db.Now;
        await db.Set<LeaderTerm>().Where(row => row.Name == Row && row.Holder == name.Id && row.Term == own)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Until, now), cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Instance} leads the cluster now, in term {Term}")]
        public static partial void Leads(ILogger logger, string instance, long term);

        [LoggerMessage(2, LogLevel.Warning, "{Instance} no longer leads the cluster: another instance has taken over")]
        public static partial void LeadsNoMore(ILogger logger, string instance);
    }
}
