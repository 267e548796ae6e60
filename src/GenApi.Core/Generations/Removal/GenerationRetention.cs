using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Removal;

/// <summary>
/// Which finished generations may go, in the order in which they do: by the day of their last use, then the least fetched, then the oldest. Never one that is
/// pinned, that a webhook still has to tell of, or that was used since that was last written down.
/// </summary>
internal sealed class GenerationRetention(IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, CancelAndDelete removals, UseCounts uses)
{
    /// <summary>In one transaction: some milliseconds for whoever writes at the same moment.</summary>
    private const int RowsPerStep = 50;

    /// <summary>Writes down what was used since the last time.</summary>
    /// <exception cref="Errors.GenApiException">It could not be; nothing is forgotten.</exception>
    public async Task SaveUsesAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var day = Generation.DayOf(now);
        var taken = uses.TakeAll();
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
                        await db.Set<Generation>().Where(row => ids.Contains(row.Id))
                            .ExecuteUpdateAsync(set => set.SetProperty(row => row.UsedOn, day).SetProperty(row => row.Fetches, row => row.Fetches + times), token);
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

    /// <summary>One step: removes the next that the rule names.</summary>
    /// <param name="rule">Which.</param>
    /// <param name="after">Where the step before ended; null: from the first.</param>
    /// <param name="cancellationToken">Ends the walk between two steps.</param>
    public async Task<RetentionStep> RemoveAsync(RetentionRule rule, RetentionPlace? after, CancellationToken cancellationToken)
    {
        var found = await contexts.ReadAsync(db => NextAsync(db, rule, after, cancellationToken), cancellationToken);
        var numbers = new List<long>();
        var bytes = 0L;
        foreach (var row in found.Where(row => !uses.Knows(row.Id)))
        {
            if (rule.Bytes is { } enough && bytes >= enough)
                break;
            numbers.Add(row.Number);
            bytes += row.Bytes;
        }
        var removed = numbers.Count == 0 ? 0 : await removals.RemoveAsync(db => Removable(db, rule).Where(row => numbers.Contains(row.Number)), cancellationToken);
        return new(removed, found is [.., var last] ? new(last.UsedOn, last.Fetches, last.Number) : null, IsLast: found.Count < RowsPerStep);
    }

    private static Task<List<Candidate>> NextAsync(GenApiDbContext db, RetentionRule rule, RetentionPlace? after, CancellationToken cancellationToken)
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
                row.Id, row.Number, row.UsedOn, row.Fetches, db.Set<StoredImage>().Where(image => image.GenerationId == row.Id).Sum(image => image.Bytes)))
            .ToListAsync(cancellationToken);
    }

    private static IQueryable<Generation> Removable(GenApiDbContext db, RetentionRule rule)
    {
        var (endedBefore, notUsedSince) = (rule.EndedBefore, rule.NotUsedSince);
        return db.Set<Generation>().AsNoTracking().Where(row => row.UsedOn < notUsedSince && row.CompletedAt != null && row.CompletedAt < endedBefore && !row.IsPinned
            && !db.Set<WebhookDelivery>().Any(delivery => delivery.SubjectId == row.Id && delivery.NextAttemptAt != null));
    }

    private sealed record Candidate(Guid Id, long Number, DateOnly UsedOn, long Fetches, long Bytes);
}

/// <param name="EndedBefore">What ended later is too young.</param>
/// <param name="NotUsedSince">What was used on this day or later stays.</param>
/// <param name="Bytes">How many bytes are to go, with those that have images; null: all that the rule names, with images or not.</param>
internal sealed record RetentionRule(DateTimeOffset EndedBefore, DateOnly NotUsedSince, long? Bytes);

/// <summary>A place in the order in which generations go.</summary>
internal readonly record struct RetentionPlace(DateOnly UsedOn, long Fetches, long Number);

/// <param name="Removed">How many went.</param>
/// <param name="Place">Where the next step begins.</param>
/// <param name="IsLast">There is nothing behind it.</param>
internal readonly record struct RetentionStep(int Removed, RetentionPlace? Place, bool IsLast);
