using GenApi.Core.Accounts.Usage;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Checks;

/// <summary>
/// Compares the usage ledger with the generations. Each ended generation must have one line that agrees with its row, and the sums of the
/// days must be those of the lines. Each comparison is one statement, so a running service can't interfere.
/// </summary>
public sealed class UsageCheck(IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, BudgetCheck budgets)
{
    public async Task RunAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        await CheckMissingAsync(report, repair, cancellationToken);
        await CheckEarlyAsync(report, repair, cancellationToken);
        await CheckDifferentAsync(report, repair, cancellationToken);
        await CheckDaysAsync(report, repair, cancellationToken);
        await budgets.RunAsync(report, repair, cancellationToken);
    }

    private async Task CheckMissingAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        var missing = await ReadAsync(db => db.Set<Generation>().AsNoTracking()
            .Where(row => row.CompletedAt != null
                && !db.Set<UsageEntry>().Any(entry => entry.Kind == UsageKind.Run && entry.GenerationId == row.Id))
            .Where(Sound(repair)).OrderBy(row => row.Number).ToListAsync(cancellationToken), cancellationToken);
        foreach (var row in missing)
        {
            report.Problem(
                "usage_missing", Id(row.Id), "has ended but is not in the usage ledger.", repair ? "added from the row" : null);
            if (repair)
                await writer.WriteAsync((db, token) => AddAsync(db, row, token), cancellationToken);
        }
    }

    /// <summary>Finds lines of unfinished generations: they would keep the true line out.</summary>
    private async Task CheckEarlyAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        var early = await ReadAsync(db => db.Set<UsageEntry>()
            .Where(entry => entry.Kind == UsageKind.Run
                && db.Set<Generation>().Where(Sound(repair)).Any(row => row.Id == entry.GenerationId && row.CompletedAt == null))
            .OrderBy(entry => entry.Number).Select(entry => entry.GenerationId).ToListAsync(cancellationToken), cancellationToken);
        foreach (var id in early)
        {
            report.Problem(
                "usage_early", Id(id), "is unfinished but is in the usage ledger.", repair ? "line removed; the end writes another" : null);
            if (repair)
            {
                await writer.WriteAsync(
                    (db, token) => db.Set<UsageEntry>().Where(entry => entry.Kind == UsageKind.Run && entry.GenerationId == id)
                        .ExecuteDeleteAsync(token),
                    cancellationToken);
            }
        }
    }

    private async Task CheckDifferentAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        var different = await ReadAsync(db => (
            from row in db.Set<Generation>().AsNoTracking().Where(Sound(repair))
            join entry in db.Set<UsageEntry>() on row.Id equals entry.GenerationId
            where entry.Kind == UsageKind.Run && row.CompletedAt != null
            where row.CostMicros != entry.CostMicros || row.OwnerId != entry.AccountId || row.Model != entry.Model
                || row.Upstream != entry.Upstream || row.CreatedAt != entry.AcceptedAt || (row.EndUser ?? "") != entry.EndUser
                || (row.Status == GenerationStatus.Succeeded) != (entry.Status == "succeeded")
                || (row.Status == GenerationStatus.Failed) != (entry.Status == "failed")
            orderby row.Number
            select new { row, entry.CostMicros }).ToListAsync(cancellationToken), cancellationToken);
        foreach (var each in different)
        {
            report.Problem(
                "usage_differs", Id(each.row.Id),
                $"cost {Usd(each.row.CostMicros)} by its row and {Usd(each.CostMicros)} by the usage ledger, or differs there in other "
                    + $"ways.",
                repair ? "line replaced from the row" : null);
            if (!repair)
                continue;
            await writer.WriteAsync(async (db, token) =>
            {
                await db.Set<UsageEntry>().Where(entry => entry.Kind == UsageKind.Run && entry.GenerationId == each.row.Id)
                    .ExecuteDeleteAsync(token);
                await AddAsync(db, each.row, token);
            }, cancellationToken);
        }
    }

    /// <summary>Checks the sums of the days, after the lines that they are made of.</summary>
    private async Task CheckDaysAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        var wrong = await ReadAsync(db => db.Sums.WrongDaysAsync(cancellationToken), cancellationToken);
        foreach (var day in wrong)
            report.Problem(
                "usage_sums", day, "has sums in UsageDays that differ from its ledger lines.", repair ? "summed up again" : null);
        if (repair && wrong.Count > 0)
            await writer.WriteAsync((db, token) => db.Sums.RepairDaysAsync(token), cancellationToken);
    }

    /// <summary>
    /// Excludes rows that contradict themselves, unless they were repaired: they are reported as such, and not for the consequences.
    /// </summary>
    private static System.Linq.Expressions.Expression<Func<Generation, bool>> Sound(bool repair)
    {
        if (repair)
            return static row => true;
        var row = Generation.ViolatesInvariant.Parameters;
        return System.Linq.Expressions.Expression.Lambda<Func<Generation, bool>>(
            System.Linq.Expressions.Expression.Not(Generation.ViolatesInvariant.Body), row);
    }

    /// <summary>Adds the line only: budgets are checked when all lines are there.</summary>
    private static async Task AddAsync(GenApiDbContext db, Generation row, CancellationToken cancellationToken)
    {
        var outputs = await ImageLibrary.ListStoredAsync(db, [row.Id], cancellationToken);
        db.Add(GenerationLedger.Line(row, outputs.Count(image => image.IsImage)));
        await db.SaveChangesAsync(cancellationToken);
    }

    private static string Usd(long? micros) => micros is { } known ? $"{MicroDollars.ToText(known)} USD" : "an unknown sum";

    private static string Id(Guid id) => PublicId.Format(PublicId.Generation, id);

    private Task<T> ReadAsync<T>(Func<GenApiDbContext, Task<T>> read, CancellationToken cancellationToken) =>
        contexts.ReadAsync(read, cancellationToken);
}
