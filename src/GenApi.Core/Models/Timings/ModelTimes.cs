using System.Collections.Concurrent;
using GenApi.Core.Caching;
using GenApi.Core.Cluster;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Models.Timings;

/// <summary>
/// Measures how long the models in use take to start and to run, by model and version, from the runs seen. The times have their own rows,
/// so they outlast restarts and the generations themselves.
/// </summary>
public sealed class ModelTimes
{
    /// <summary>Stands for every model that was never run.</summary>
    private static readonly RunHistory Nothing = new([]);

    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly DatabaseWriter _writer;
    private readonly ReplicateUpstream _upstream;
    private readonly TimeProvider _time;
    private readonly SteadyClock _clock;
    private readonly CacheAge? _age;
    private readonly ConcurrentDictionary<(string Model, string Version), RunHistory> _histories = new();

    public ModelTimes(
        IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, ReplicateUpstream upstream, ICluster cluster, TimeProvider time,
        SteadyClock clock)
    {
        (_contexts, _writer, _upstream, _time, _clock) = (contexts, writer, upstream, time, clock);
        _age = CacheAge.Where(cluster.IsShared, time);
    }

    /// <param name="model"><c>owner/name</c>.</param>
    /// <param name="version">64 hexadecimal digits; null for an official model.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="Errors.GenApiException">
    /// StorageUnavailable, when the model is requested for the first time since the start.
    /// </exception>
    public async ValueTask<ModelTimings> OfAsync(string model, string? version, CancellationToken cancellationToken) =>
        At(await HistoryAsync(model, version, cancellationToken), version);

    /// <summary>Evaluates a history at this moment.</summary>
    internal ModelTimings At(RunHistory history, string? version)
    {
        var timings = history.At(_clock.Now, version is null);
        return timings with { LastRunAt = timings.LastRunAt is { } last ? _clock.ToWall(last) : null };
    }

    /// <summary>Returns the history as it was when the hour (UTC) began.</summary>
    internal RunHistory UntilThisHour(RunHistory history)
    {
        var now = _clock.Now;
        return history.EndedBefore(now.AddTicks(-(now.UtcTicks % TimeSpan.TicksPerHour)));
    }

    internal ValueTask<RunHistory> HistoryAsync(string model, string? version, CancellationToken cancellationToken)
    {
        var key = (model, version ?? "");
        return Held(key) is { } history ? new(history) : new(LoadAsync(key, cancellationToken));
    }

    /// <summary>Finds a history in memory. Where other instances add runs too, it is read again now and then.</summary>
    private RunHistory? Held((string Model, string Version) key) =>
        _histories.TryGetValue(key, out var history) && _age?.IsOver(history.ReadAt) != true ? history : null;

    /// <summary>Holds what was read, unless somebody else has just read it too.</summary>
    private RunHistory Hold((string Model, string Version) key, IEnumerable<ModelRun> runs)
    {
        var read = new RunHistory(runs.Select(OnSteadyClock)) { ReadAt = _age?.Stamp ?? 0 };
        return _histories.AddOrUpdate(key, read, (_, held) => _age?.IsOver(held.ReadAt) == true ? read.SeenAsIn(held) : held);
    }

    /// <summary>
    /// Returns the histories of many models at once, in their order and read-only. One query reads those that are not in memory. Models
    /// without runs are not held in memory, because a search names any number of them.
    /// </summary>
    internal async Task<IReadOnlyList<RunHistory>> HistoriesAsync(
        IReadOnlyList<(string Model, string? Version)> models, CancellationToken cancellationToken)
    {
        var keys = models.Select(each => (each.Model, Version: each.Version ?? "")).ToList();
        var unread = keys.Where(key => Held(key) is null).ToHashSet();
        if (unread.Count > 0)
        {
            var upstream = _upstream.Name;
            var names = unread.Select(key => key.Model).Distinct().ToList();
            var versions = unread.Select(key => key.Version).Distinct().ToList();
            var runs = await _contexts.ReadAsync(
                db => db.Set<ModelRun>().AsNoTracking()
                    .Where(run => run.Upstream == upstream && names.Contains(run.Model) && versions.Contains(run.Version))
                    .OrderBy(run => run.Number).ToListAsync(cancellationToken),
                cancellationToken);
            foreach (var its in runs.GroupBy(run => (run.Model, run.Version)).Where(its => unread.Contains(its.Key)))
                Hold(its.Key, its);
        }
        return [.. keys.Select(key => _histories.GetValueOrDefault(key, Nothing))];
    }

    /// <summary>
    /// Makes the row of an ended run. Save it in the transaction that ends the run, then pass it to <see cref="RememberAsync"/>.
    /// </summary>
    internal async ValueTask<ModelRun> MeasureAsync(EndedRun run, CancellationToken cancellationToken)
    {
        var history = await HistoryAsync(run.Model, run.Version, cancellationToken);
        return new ModelRun
        {
            Upstream = _upstream.Name,
            Model = run.Model,
            Version = run.Version ?? "",
            EndedAt = _time.GetUtcNow(),
            StartingSeconds = run.Starting?.TotalSeconds,
            PredictSeconds = run.IsTypical ? run.PredictSeconds : null,
            TookSeconds = run.IsTypical ? run.Took.TotalSeconds : null,
            Work = run.Work,
            IsCold = run.Starting is { } starting ? history.IsCold(starting) : null,
            IdleSeconds = history.IdleBefore(_clock.Now - run.Since)?.TotalSeconds,
        };
    }

    /// <summary>Adds a committed row to the history. Now and then it deletes rows that are no longer used.</summary>
    internal async Task RememberAsync(ModelRun run, CancellationToken cancellationToken)
    {
        var history = await HistoryAsync(run.Model, run.Version.Length == 0 ? null : run.Version, cancellationToken);
        if (!history.Add(OnSteadyClock(run)))
            return;
        var (upstream, model, version) = (run.Upstream, run.Model, run.Version);
        // By the rows and not by memory: other instances have added some that this one does not know.
        await _writer.WriteAsync(
            async (db, token) =>
            {
                var rows = Of(db, upstream, model, version);
                var kept = new RunHistory(await rows.AsNoTracking().OrderBy(each => each.Number).ToListAsync(token)).Numbers;
                await rows.Where(each => !kept.Contains(each.Number)).ExecuteDeleteAsync(token);
            },
            cancellationToken);
    }

    private async Task<RunHistory> LoadAsync((string Model, string Version) key, CancellationToken cancellationToken)
    {
        var upstream = _upstream.Name;
        var runs = await _contexts.ReadAsync(
            db => Of(db, upstream, key.Model, key.Version).AsNoTracking().OrderBy(run => run.Number).ToListAsync(cancellationToken),
            cancellationToken);
        return Hold(key, runs);
    }

    /// <summary>Converts a run for memory: how long a model has been idle must not change with the wall clock.</summary>
    private ModelRun OnSteadyClock(ModelRun run) => run.EndedBy(_clock.FromWall(run.EndedAt));

    private static IQueryable<ModelRun> Of(GenApiDbContext db, string upstream, string model, string version) =>
        db.Set<ModelRun>().Where(run => run.Upstream == upstream && run.Model == model && run.Version == version);
}

/// <summary>A run that has ended, as it was seen.</summary>
/// <param name="Model"><c>owner/name</c>.</param>
/// <param name="Version">Null for an official model.</param>
/// <param name="Since">How long ago the upstream accepted it.</param>
/// <param name="Starting">Queueing and booting; null if it was not reported, or the run never started.</param>
/// <param name="PredictSeconds">As measured by the upstream.</param>
/// <param name="Took">The time from acceptance until the end was seen.</param>
/// <param name="Work">The images times steps of the request.</param>
/// <param name="IsTypical">Whether its time is typical of callers' runs.</param>
internal readonly record struct EndedRun(
    string Model, string? Version, TimeSpan Since, TimeSpan? Starting, double? PredictSeconds, TimeSpan Took, int Work, bool IsTypical);
