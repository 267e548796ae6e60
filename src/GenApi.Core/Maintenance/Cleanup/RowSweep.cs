using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>Removes rows that are no longer needed, and tightens the database file.</summary>
internal sealed class RowSweep(IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, WebhookDeliveries deliveries)
{
    private const int KeysPerStep = 500;

    /// <summary>Steps of one round; together they return 40 MB.</summary>
    private const int MostSteps = 100;

    /// <summary>Long enough to look up what was sent last month.</summary>
    private static readonly TimeSpan DeliveriesAge = TimeSpan.FromDays(30);

    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        while (await deliveries.RemoveOldAsync(now - DeliveriesAge, cancellationToken) > 0)
        {
        }
        while (await RemoveKeysAsync(now, cancellationToken) > 0)
        {
        }
        while (await RemoveBatchesAsync(now, cancellationToken) > 0)
        {
        }
        await writer.WriteAsync((db, token) => db.RefreshPlansAsync(token), cancellationToken);
    }

    /// <summary>Returns unused space to the disk. While the file is tight it does almost nothing.</summary>
    public async Task TightenAsync(CancellationToken cancellationToken)
    {
        var steps = 0;
        while (steps < MostSteps && await writer.WriteAsync((db, token) => db.ReturnSpaceAsync(token), cancellationToken))
            steps++;
        await contexts.ReadAsync(async db =>
        {
            await db.ShortenLogAsync(cancellationToken);
            return true;
        }, cancellationToken);
    }

    private Task<int> RemoveKeysAsync(DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(async (db, token) =>
    {
        var expired = db.Set<IdempotencyRecord>().Where(record => record.ExpiresAt <= now);
        var until = await expired.OrderBy(record => record.ExpiresAt).Select(record => record.ExpiresAt).Take(KeysPerStep)
            .ToListAsync(token);
        if (until.Count == 0)
            return 0;
        var last = until[^1];
        return await expired.Where(record => record.ExpiresAt <= last).ExecuteDeleteAsync(token);
    }, cancellationToken);

    /// <summary>
    /// Removes batches by their own age. Generations may be kept forever, so waiting for the end of the last one would keep all batches.
    /// </summary>
    private Task<int> RemoveBatchesAsync(DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(async (db, token) =>
    {
        var until = now - GenerationBatch.KeptFor;
        var old = await db.Set<GenerationBatch>().Where(batch => batch.CreatedAt < until).OrderBy(batch => batch.CreatedAt)
            .Select(batch => batch.Id).Take(KeysPerStep).ToListAsync(token);
        return await db.Set<GenerationBatch>().Where(batch => old.Contains(batch.Id)).ExecuteDeleteAsync(token);
    }, cancellationToken);
}
