using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Rows;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Removal;

/// <summary>Removes generations with everything that belongs to them. Rows go first, bytes second.</summary>
internal sealed class GenerationRemover(
    DatabaseWriter writer, GenerationCache cache, GenerationSignals signals, GenerationGrants grants, GenerationChanges changes,
    ImageLibrary images)
{
    /// <summary>Removes one generation.</summary>
    public Task RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        RemoveAsync(id, static (_, _) => Task.FromResult<object?>(null), cancellationToken);

    /// <summary>Removes one generation, and adds to the same transaction.</summary>
    /// <param name="id">Of the generation.</param>
    /// <param name="also">Adds rows to the transaction; called only if there was a generation to remove.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>What <paramref name="also"/> returned; null: there was nothing to remove.</returns>
    public async Task<T?> RemoveAsync<T>(
        Guid id, Func<GenApiDbContext, CancellationToken, Task<T?>> also, CancellationToken cancellationToken)
        where T : class
    {
        var (removed, added) = await writer.FreeAsync(async (db, token) =>
        {
            var gone = await ImageLibrary.RemoveRowsAsync(db, id, token);
            await WebhookOutbox.RemoveAsync(db, id, token);
            await GenerationGrants.RemoveAsync(db, id, token);
            if (await db.Set<Generation>().Where(generation => generation.Id == id).ExecuteDeleteAsync(token) == 0)
                return (gone, (T?)null);
            var more = await also(db, token);
            await db.SaveChangesAsync(token);
            return (gone, more);
        }, cancellationToken);
        await images.ForgetAsync(removed, CancellationToken.None);
        return added;
    }

    /// <summary>Removes those of the chosen rows that are still there, in one transaction.</summary>
    /// <param name="choose">Called in the writer, so that nobody can come between.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>How many were removed.</returns>
    public async Task<int> RemoveAsync(Func<GenApiDbContext, IQueryable<Generation>> choose, CancellationToken cancellationToken)
    {
        var (rows, removed, holders) = await writer.FreeAsync(async (db, token) =>
        {
            var gone = await choose(db).ToListAsync(token);
            var ids = gone.Select(row => row.Id).ToList();
            var outputs = await ImageLibrary.RemoveRowsAsync(db, ids, token);
            await WebhookOutbox.RemoveAsync(db, ids, token);
            var accounts = changes.IsOn ? await grants.HoldersAsync(db, gone, token) : null;
            await GenerationGrants.RemoveAsync(db, [.. gone.Select(row => row.Number)], token);
            await db.Set<Generation>().Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(token);
            return (gone, outputs, accounts);
        }, cancellationToken);
        foreach (var row in rows)
        {
            cache.Remove(row);
            changes.Removed(row.Id, holders is null ? [] : GenerationGrants.AccountsOf(row, holders[row.Id]));
            signals.Changed(row.Id);
        }
        await images.ForgetAsync(removed, CancellationToken.None);
        return rows.Count;
    }

    /// <summary>
    /// Removes, after a start, what a killed process left: ended generations that their owner had deleted, and files staged for generations
    /// that are no longer open.
    /// </summary>
    public async Task RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        var deleted = await writer.WriteAsync(
            (db, token) => db.QueryAsync(
                """SELECT "Id" FROM "Generations" WHERE "CompletedAt" IS NOT NULL AND "DeleteRequestedAt" IS NOT NULL""",
                static row => row.Id(), token), cancellationToken);
        foreach (var id in deleted)
            await RemoveAsync(id, cancellationToken);
        await images.ForgetStagedAsync(async ids => await writer.WriteAsync(async (db, token) =>
            await db.Set<Generation>().Where(row => ids.Contains(row.Id) && row.CompletedAt == null).Select(row => row.Id)
                .ToListAsync(token), cancellationToken), cancellationToken);
    }
}
