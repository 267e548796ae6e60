using GenApi.Core.Cluster;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Persistence.Database;

namespace GenApi.Core.Generations.Waiting;

/// <summary>
/// Tells the instances that work on generations that somebody follows their steps here, so that they poll the upstream more often. It costs
/// one write in ten seconds for all listeners of this instance.
/// </summary>
internal sealed class FollowReports(
    DatabaseWriter writer, GenerationSignals signals, GenerationChanges changes, ICluster cluster, TimeProvider time)
{
    /// <summary>A report is repeated before it is over.</summary>
    private static readonly TimeSpan Every = ListenersElsewhere.Lasts * (2 / 3d);

    private readonly Dictionary<Guid, long> _reported = [];

    /// <summary>Reports what is followed here and was not reported lately.</summary>
    /// <param name="elsewhere">The generations with listeners here that another instance works on.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    public async Task ReportAsync(IEnumerable<Guid> elsewhere, CancellationToken cancellationToken)
    {
        if (cluster.LiveInstances < 2)
            return;
        var generations = elsewhere.Where(id => signals.IsFollowedHere(id) && IsDue(id)).ToList();
        var accounts = changes.FollowedAccounts.Where(IsDue).ToList();
        if (generations.Count + accounts.Count > 0)
        {
            await writer.WriteAsync(
                (db, token) =>
                {
                    db.AddRange(generations.Select(id => Report(id, null)));
                    db.AddRange(accounts.Select(id => Report(Guid.Empty, id)));
                    return db.SaveChangesAsync(token);

                    StoreChange Report(Guid subject, Guid? account) => new()
                    {
                        Kind = StoreChangeKind.Followed,
                        Subject = subject,
                        Account = account,
                        Source = cluster.InstanceId,
                        At = db.Now,
                    };
                },
                cancellationToken);
        }
        foreach (var old in _reported.Where(each => time.GetElapsedTime(each.Value) >= Every).Select(each => each.Key).ToList())
            _reported.Remove(old);
        foreach (var id in generations.Concat(accounts))
            _reported[id] = time.GetTimestamp();
    }

    private bool IsDue(Guid id) => !_reported.TryGetValue(id, out var at) || time.GetElapsedTime(at) >= Every;
}
