using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Removal;

/// <summary>
/// Removes finished generations in order: by the day of their last use, then the least fetched first, then the oldest. It leaves alone what
/// is pinned, what a webhook still has to report, and what was used since uses were last saved.
/// </summary>
internal sealed class GenerationRetention(
    IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, GenerationRemover remover, UseCounts uses)
{
    /// <summary>Rows in one transaction, which makes other writers wait for some milliseconds.</summary>
    private const int RowsPerStep = 50;

    /// <summary>Saves the uses since the last call.</summary>
    /// <exception cref="Errors.GenApiException">They could not be saved; none is forgotten.</exception>
    public async Task SaveUsesAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var day = Generation.DayOf(now);
        var taken = uses.Drain();
        var saved = 0;
        try
        {
            foreach (var step in taken.Chunk(RowsPerStep))
            {
                await writer.WriteAsync(async (db, token) =>
                {
                    foreach (var each in step.GroupBy(use => use.Times, use => use.GenerationId))
                    {
                        var (times, ids) = (each.Key, each.ToList());
                        await db.Set<Generation>().Where(row => ids.Contains(row.Id)).ExecuteUpdateAsync(set => set
                            .SetProperty(row => row.UsedOn, day)
                            .SetProperty(row => row.Fetches, row => row.Fetches + times), token);
                    }
                }, cancellationToken);
                saved += step.Length;
            }
        }
        finally
        {
            foreach (var (id, times) in taken.Skip(saved))
                uses.Used(id, times);
        }
    }

    /// <summary>Takes one step: removes the next generations that the rule names.</summary>
    /// <param name="rule">Says which may go.</param>
    /// <param name="after">Where the last step ended; null: from the beginning.</param>
    /// <param name="cancellationToken">Ends the walk between two steps.</param>
    public async Task<RetentionStep> RemoveAsync(RetentionRule rule, RetentionPlace? after, CancellationToken cancellationToken)
    {
        var found = await contexts.ReadAsync(db => NextAsync(db, rule, after, cancellationToken), cancellationToken);
        var numbers = new List<long>();
        var bytes = 0L;
        foreach (var row in found.Where(row => !uses.HasPending(row.Id)))
        {
            if (rule.Bytes is { } enough && bytes >= enough)
                break;
            numbers.Add(row.Number);
            bytes += row.Bytes;
        }
        var removed = numbers.Count == 0
            ? 0
            : await remover.RemoveAsync(db => Removable(db, rule).Where(row => numbers.Contains(row.Number)), cancellationToken);
        RetentionPlace? next = found is [.., var last] ? new(last.UsedOn, last.Fetches, last.Number) : null;
        return new(removed, next, IsLast: found.Count < RowsPerStep);
    }

    private static Task<List<Candidate>> NextAsync(
        GenApiDbContext db, RetentionRule rule, RetentionPlace? after, CancellationToken cancellationToken)
    {
        var rows = Removable(db, rule);
        if (rule.Bytes is not null)
            rows = rows.Where(row => db.Set<StoredImage>().Any(image => image.GenerationId == row.Id));
        if (after is { } place)
        {
            var (day, fetches, number) = place;
            rows = rows.Where(row => row.UsedOn >= day
                && (row.UsedOn > day || row.Fetches > fetches || (row.Fetches == fetches && row.Number > number)));
        }
        return rows.OrderBy(row => row.UsedOn).ThenBy(row => row.Fetches).ThenBy(row => row.Number).Take(RowsPerStep)
            .Select(row => new Candidate(
                row.Id, row.Number, row.UsedOn, row.Fetches,
                db.Set<StoredImage>().Where(image => image.GenerationId == row.Id).Sum(image => image.Bytes)))
            .ToListAsync(cancellationToken);
    }

    private static IQueryable<Generation> Removable(GenApiDbContext db, RetentionRule rule)
    {
        var (endedBefore, notUsedSince) = (rule.EndedBefore, rule.NotUsedSince);
        return db.Set<Generation>().AsNoTracking().Where(row => row.UsedOn < notUsedSince && row.CompletedAt != null
            && row.CompletedAt < endedBefore && !row.IsPinned
            && !db.Set<WebhookDelivery>().Any(delivery => delivery.SubjectId == row.Id && delivery.NextAttemptAt != null));
    }

    private sealed record Candidate(Guid Id, long Number, DateOnly UsedOn, long Fetches, long Bytes);
}

/// <summary>Says which generations may go.</summary>
/// <param name="EndedBefore">Generations that ended later are too young.</param>
/// <param name="NotUsedSince">Generations used on this day or later stay.</param>
/// <param name="Bytes">How many bytes to free, from generations with images; null: all that the rule names, with or without images.</param>
internal sealed record RetentionRule(DateTimeOffset EndedBefore, DateOnly NotUsedSince, long? Bytes);

/// <summary>A position in the order in which generations go.</summary>
internal readonly record struct RetentionPlace(DateOnly UsedOn, long Fetches, long Number);

/// <param name="Removed">How many were removed.</param>
/// <param name="Place">Where the next step begins.</param>
/// <param name="IsLast">Whether nothing comes after it.</param>
internal readonly record struct RetentionStep(int Removed, RetentionPlace? Place, bool IsLast);
