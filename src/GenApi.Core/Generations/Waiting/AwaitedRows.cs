using GenApi.Core.Background;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Waiting;

/// <summary>
/// Wakes those who wait here for generations that other instances work on. Once a second, one query reads the revisions of all awaited
/// rows; a reported change only makes it earlier. Between two queries no connection is held, whatever the number of waits. One process
/// alone needs none of it.
/// </summary>
internal sealed partial class AwaitedRows(
    IDbContextFactory<GenApiDbContext> contexts, GenerationSignals signals, FollowReports reports, ICluster cluster, TimeProvider time,
    ILogger<AwaitedRows> logger)
    : BackgroundLoop(time, logger, cluster.IsShared ? Beat : null), IChangeListener
{
    /// <summary>The time after which a change is noticed that nothing reported.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private const int RowsPerQuery = 500;

    /// <summary>The state of each awaited row as its listeners know it. A row that is new here wakes them once.</summary>
    private Dictionary<Guid, long> _known = [];

    /// <summary>Wakes at once those who lost sight of a generation, and reads the rows of the others.</summary>
    void IChangeListener.Changed(IReadOnlyList<StoreChange> changes)
    {
        var isHeard = false;
        foreach (var change in changes)
        {
            if (change.Kind is not (StoreChangeKind.Generation or StoreChangeKind.GenerationRemoved or StoreChangeKind.GrantRemoved)
                || !signals.IsHeard(change.Subject))
                continue;
            if (change.Kind == StoreChangeKind.Generation)
                isHeard = true;
            else
                signals.ChangedElsewhere(change.Subject, all: true);
        }
        if (isHeard)
            Wake();
    }

    void IChangeListener.Lost()
    {
        foreach (var id in signals.Heard)
            signals.ChangedElsewhere(id, all: true);
    }

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        if (!cluster.IsShared)
            return;
        var heard = signals.Heard;
        var elsewhere = new List<Guid>();
        var known = new Dictionary<Guid, long>(heard.Count);
        foreach (var ids in heard.Chunk(RowsPerQuery))
        {
            var rows = await contexts.ReadAsync(
                db => db.Set<Generation>().AsNoTracking().Where(row => ids.Contains(row.Id) && row.DeleteRequestedAt == null)
                    .Select(row => new
                    {
                        row.Id,
                        row.Revision,
                        IsSettled = row.CompletedAt != null || row.ErrorCode != null,
                        Owner = row.CompletedAt == null ? row.Lease.Owner : null,
                    })
                    .ToDictionaryAsync(row => row.Id, stopping),
                stopping);
            foreach (var id in ids)
            {
                var row = rows.GetValueOrDefault(id);
                // A row that is gone has a state too: it wakes its listeners once.
                known[id] = row?.Revision ?? -1;
                if (row?.Owner is { } owner && owner != cluster.InstanceId)
                    elsewhere.Add(id);
                if (!_known.TryGetValue(id, out var before) || before != known[id])
                    signals.ChangedElsewhere(id, all: row is null || row.IsSettled);
            }
        }
        _known = known;
        await reports.ReportAsync(elsewhere, stopping);
    }

    protected override void Report(GenApiException fault) => Log.NotRead(Logger, fault);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Could not read the generations that callers wait for; trying again every second")]
        public static partial void NotRead(ILogger logger, Exception fault);
    }
}
