using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>Rows that have done their work, and the file that holds all rows.</summary>
internal sealed class RowSweep(IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, WebhookDeliveries deliveries)
{
    private const int KeysPerStep = 500;

    /// <summary>Of room given back in one round, 40 MB.</summary>
    private const int MostSteps = 100;

    /// <summary>Long enough to find out what was sent last month.</summary>
    private static readonly TimeSpan DeliveriesKept = TimeSpan.FromDays(30);

    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        while (await deliveries.RemoveOldAsync(now - DeliveriesKept, cancellationToken) > 0)
        {
        }
        while (await RemoveKeysAsync(now, cancellationToken) > 0)
        {
        }
        await writer.WriteAsync((db, token) => db.RefreshPlansAsync(token), cancellationToken);
    }

    /// <summary>Next to nothing while the file is tight.</summary>
    public async Task TightenAsync(CancellationToken cancellationToken)
    {
        for (var step = 0; step < MostSteps && await writer.WriteAsync((db, token) => db.GiveBackRoomAsync(token), cancellationToken); step++)
        {
        }
        await contexts.ReadAsync(async db =>
        {
            await db.ShortenLogAsync(cancellationToken);
            return true;
        }, cancellationToken);
    }

    private Task<int> RemoveKeysAsync(DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(async (db, token) =>
    {
        var expired = db.Set<IdempotencyRecord>().Where(record => record.ExpiresAt <= now);
        var until = await expired.OrderBy(record => record.ExpiresAt).Select(record => record.ExpiresAt).Take(KeysPerStep).ToListAsync(token);
        if (until.Count == 0)
            return 0;
        var last = until[^1];
        return await expired.Where(record => record.ExpiresAt <= last).ExecuteDeleteAsync(token);
    }, cancellationToken);
}
