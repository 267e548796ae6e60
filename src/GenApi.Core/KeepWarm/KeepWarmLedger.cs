using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.KeepWarm;

/// <summary>The rows of what was run to keep models warm: what a day has cost, and what is not put away yet.</summary>
internal sealed class KeepWarmLedger(IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, ReplicateUpstream upstream)
{
    /// <summary>A year's money and a month more can be looked at.</summary>
    private const int KeptDays = 400;

    public string Upstream => upstream.Name;

    /// <summary>By one query for all. Those of whom nothing is known are not there.</summary>
    /// <param name="today">The present day of each alias.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyDictionary<string, KeepWarmAccount>> ReadAsync(IReadOnlyDictionary<string, DateOnly> today, CancellationToken cancellationToken)
    {
        var (name, aliases) = (upstream.Name, today.Keys.ToList());
        // The day before too: somebody's last run may have been a minute before midnight.
        var since = today.Values.Min().AddDays(-1);
        var days = await contexts.ReadAsync(
            db => db.Set<KeepWarmRun>().AsNoTracking()
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
                .ToListAsync(cancellationToken),
            cancellationToken);
        return days.GroupBy(day => day.Alias, StringComparer.OrdinalIgnoreCase).ToDictionary(
            its => its.Key,
            its => new KeepWarmAccount(
                MicroDollars.ToUsd(its.Where(day => day.Day == today[its.Key]).Sum(day => day.Micros)), its.Max(day => day.LastAt), its.Any(day => day.Unfinished > 0)),
            StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Runs whose generations may be there still, whatever the upstream.</summary>
    public Task<List<KeepWarmRun>> OpenAsync(CancellationToken cancellationToken) => contexts.ReadAsync(
        db => db.Set<KeepWarmRun>().AsNoTracking().Where(run => run.ClearedAt == null).OrderBy(run => run.Number).ToListAsync(cancellationToken), cancellationToken);

    /// <summary>It has ended; what it cost stays, whatever becomes of its generation.</summary>
    public Task SettleAsync(KeepWarmRun run, long micros, CancellationToken cancellationToken) => writer.WriteAsync(
        (db, token) => db.Set<KeepWarmRun>().Where(row => row.Number == run.Number && row.CostMicros == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.CostMicros, micros), token),
        cancellationToken);

    /// <summary>Its generation is gone. Rows that are older than anybody looks back go with it.</summary>
    public Task ClearAsync(KeepWarmRun run, DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(
        async (db, token) =>
        {
            var oldest = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-KeptDays);
            await db.Set<KeepWarmRun>().Where(row => row.Number == run.Number).ExecuteUpdateAsync(set => set.SetProperty(row => row.ClearedAt, now), token);
            await db.Set<KeepWarmRun>().Where(row => row.Day < oldest && row.ClearedAt != null).ExecuteDeleteAsync(token);
        },
        cancellationToken);
}

/// <param name="SpentTodayUsd">What ended runs cost, and the worst case of the others.</param>
/// <param name="LastAt">When the last one was begun, today or the day before.</param>
/// <param name="IsUnfinished">Whether one has not ended.</param>
internal readonly record struct KeepWarmAccount(decimal SpentTodayUsd, DateTimeOffset? LastAt, bool IsUnfinished);
