using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.KeepWarm;

/// <summary>Reads and writes the rows of keep-warm runs: the cost of a day, and the runs whose generations are not cleared yet.</summary>
public sealed class KeepWarmLedger(IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, ReplicateUpstream upstream)
{
    /// <summary>Rows stay for a year and a month.</summary>
    private const int RetainedDays = 400;

    public string Upstream => upstream.Name;

    /// <summary>Reads all aliases with one query. Aliases without rows are missing from the result.</summary>
    /// <param name="today">The current day of each alias.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal Task<IReadOnlyDictionary<string, KeepWarmAccount>> ReadAsync(
        IReadOnlyDictionary<string, DateOnly> today, CancellationToken cancellationToken) =>
        contexts.ReadAsync(db => ReadAsync(db, today, cancellationToken), cancellationToken);

    /// <summary>The same, in the writer's transaction that makes another run.</summary>
    internal async Task<IReadOnlyDictionary<string, KeepWarmAccount>> ReadAsync(
        GenApiDbContext db, IReadOnlyDictionary<string, DateOnly> today, CancellationToken cancellationToken)
    {
        var (name, aliases) = (upstream.Name, today.Keys.ToList());
        // Yesterday as well: the last run may have begun a minute before midnight.
        var since = today.Values.Min().AddDays(-1);
        var days = await db.Set<KeepWarmRun>().AsNoTracking()
            .Where(run => run.Upstream == name && aliases.Contains(run.Alias) && (run.Day >= since || run.ClearedAt == null))
            .GroupBy(run => new { run.Alias, run.Day })
            .Select(its => new
            {
                its.Key.Alias,
                its.Key.Day,
                Micros = its.Sum(run => run.CostMicros ?? run.ReservedMicros),
                LastAt = its.Max(run => run.StartedAt),
                Unfinished = its.Count(run => run.CostMicros == null),
            })
            .ToListAsync(cancellationToken);
        return days.GroupBy(day => day.Alias, StringComparer.OrdinalIgnoreCase).ToDictionary(
            its => its.Key,
            its => new KeepWarmAccount(
                MicroDollars.ToUsd(its.Where(day => day.Day == today[its.Key]).Sum(day => day.Micros)),
                its.Max(day => day.LastAt),
                its.Any(day => day.Unfinished > 0)),
            StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Lists the runs of any upstream whose generations may still exist.</summary>
    internal Task<List<KeepWarmRun>> OpenAsync(CancellationToken cancellationToken) => contexts.ReadAsync(
        db => db.Set<KeepWarmRun>().AsNoTracking().Where(run => run.ClearedAt == null).OrderBy(run => run.Number)
            .ToListAsync(cancellationToken),
        cancellationToken);

    /// <summary>Records the cost of an ended run. It stays when the generation is deleted.</summary>
    internal Task SettleAsync(KeepWarmRun run, long micros, CancellationToken cancellationToken) => writer.WriteAsync(
        (db, token) => db.Set<KeepWarmRun>().Where(row => row.Number == run.Number && row.CostMicros == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.CostMicros, micros), token),
        cancellationToken);

    /// <summary>Records that a run's generation is deleted, and removes rows beyond the retained days.</summary>
    internal Task ClearAsync(KeepWarmRun run, DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(
        async (db, token) =>
        {
            var oldest = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-RetainedDays);
            await db.Set<KeepWarmRun>().Where(row => row.Number == run.Number)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.ClearedAt, now), token);
            await db.Set<KeepWarmRun>().Where(row => row.Day < oldest && row.ClearedAt != null).ExecuteDeleteAsync(token);
        },
        cancellationToken);
}

/// <summary>The keep-warm runs of one alias.</summary>
/// <param name="SpentTodayUsd">The cost of ended runs and the worst case of unfinished ones, in US dollars.</param>
/// <param name="LastAt">When the last run began, today or yesterday.</param>
/// <param name="IsUnfinished">Whether a run has not ended.</param>
internal readonly record struct KeepWarmAccount(decimal SpentTodayUsd, DateTimeOffset? LastAt, bool IsUnfinished);
