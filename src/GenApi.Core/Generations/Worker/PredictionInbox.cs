using System.Collections.Concurrent;
using System.Text;
using GenApi.Core.Background;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Worker;

/// <summary>
/// Stores upstream webhooks that reached an instance other than the one that works on the generation, and hands them over there. Polls show
/// the same a little later, except what nobody else knows: the id of a prediction whose creation was not answered. One process alone needs
/// none of it.
/// </summary>
internal sealed partial class PredictionInbox : BackgroundLoop, IChangeListener
{
    /// <summary>Reports of one generation. A run reports its start and its end, and each may come several times.</summary>
    private const int MostOfOne = 16;

    private const int IdsPerQuery = 100;

    private static readonly TimeSpan TidyEvery = TimeSpan.FromMinutes(1);

    private readonly DatabaseWriter _writer;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly GenerationWorker _worker;
    private readonly ICluster _cluster;
    private readonly ConcurrentDictionary<Guid, bool> _due = new();
    private long _tidiedAt;

    public PredictionInbox(
        DatabaseWriter writer, IDbContextFactory<GenApiDbContext> contexts, GenerationWorker worker, ICluster cluster, TimeProvider time,
        ILogger<PredictionInbox> logger)
        : base(time, logger, cluster.IsShared ? TidyEvery : null)
    {
        (_writer, _contexts, _worker, _cluster, _tidiedAt) = (writer, contexts, worker, cluster, time.GetTimestamp());
        // What came while no instance worked on the generation waits for the next one that does.
        if (cluster.IsShared)
            worker.Claimed = Look;
    }

    /// <summary>Stores a report for the instance that works on the generation, or will.</summary>
    /// <param name="generation">The generation that it is about.</param>
    /// <param name="prediction">What it says.</param>
    /// <param name="body">Its bytes, a JSON object.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>False: instances do not share the database, so no other one could read it.</returns>
    public async Task<bool> TryStoreAsync(
        Guid generation, Prediction prediction, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!_cluster.IsShared)
            return false;
        var text = Encoding.UTF8.GetString(body.Span);
        await _writer.WriteAsync(async (db, token) =>
        {
            var isOpen = await db.Set<Generation>().AnyAsync(row => row.Id == generation && row.CompletedAt == null, token);
            var known = await db.Set<PredictionNotice>().CountAsync(notice => notice.GenerationId == generation, token);
            // An end always finds room, whatever came before it.
            if (!isOpen || known >= (prediction.IsTerminal ? 2 * MostOfOne : MostOfOne))
                return;
            db.Add(new PredictionNotice { GenerationId = generation, Body = text, ReceivedAt = db.Now });
            await db.SaveChangesAsync(token);
        }, cancellationToken);
        // This instance may have claimed the generation meanwhile, and its own changes are not reported to it.
        _worker.Receive(generation, prediction);
        return true;
    }

    void IChangeListener.Changed(IReadOnlyList<StoreChange> changes)
    {
        foreach (var change in changes.Where(static change => change.Kind == StoreChangeKind.PredictionNotice))
            Look(change.Subject);
    }

    void IChangeListener.Lost()
    {
        foreach (var id in _worker.Walked)
            Look(id);
    }

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        foreach (var ids in _due.Keys.ToList().Chunk(IdsPerQuery))
        {
            // Before the reading: a report that comes meanwhile is the reason for the next round.
            Array.ForEach(ids, id => _due.TryRemove(id, out _));
            try
            {
                (await ReadAsync([.. ids.Where(_worker.Walks)], stopping)).ForEach(Receive);
            }
            catch
            {
                Array.ForEach(ids, id => _due[id] = true);
                throw;
            }
        }
        if (_cluster.IsShared && Time.GetElapsedTime(_tidiedAt) >= TidyEvery)
            await TidyAsync(stopping);
    }

    protected override void Report(GenApiException fault) => Log.NotRead(Logger, fault);

    private Task<List<PredictionNotice>> ReadAsync(IReadOnlyCollection<Guid> generations, CancellationToken stopping) =>
        _contexts.ReadAsync(
            db => db.Set<PredictionNotice>().AsNoTracking().Where(notice => generations.Contains(notice.GenerationId))
                .OrderBy(notice => notice.Number).ToListAsync(stopping),
            stopping);

    private void Look(Guid generation)
    {
        if (!_worker.Walks(generation))
            return;
        _due[generation] = true;
        Wake();
    }

    private void Receive(PredictionNotice notice)
    {
        // It was read once already, before it was stored.
        if (ReplicateWebhooks.Parse(Encoding.UTF8.GetBytes(notice.Body)) is { } prediction)
            _worker.Receive(notice.GenerationId, prediction);
    }

    /// <summary>Deletes the reports about generations that have ended.</summary>
    private async Task TidyAsync(CancellationToken stopping)
    {
        _tidiedAt = Time.GetTimestamp();
        if (!await _contexts.ReadAsync(db => Over(db).AnyAsync(stopping), stopping))
            return;
        await _writer.WriteAsync((db, token) => Over(db).ExecuteDeleteAsync(token), stopping);
    }

    private static IQueryable<PredictionNotice> Over(GenApiDbContext db) => db.Set<PredictionNotice>()
        .Where(notice => !db.Set<Generation>().Any(row => row.Id == notice.GenerationId && row.CompletedAt == null));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Could not read which upstream webhooks reached other instances; trying again within a minute")]
        public static partial void NotRead(ILogger logger, Exception fault);
    }
}
