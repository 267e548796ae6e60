using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Webhooks;

/// <summary>What was sent and what was not, for the owner of the thing it is about.</summary>
public sealed class WebhookDeliveries
{
    private readonly DatabaseWriter _writer;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly WebhookOutbox _outbox;

    internal WebhookDeliveries(DatabaseWriter writer, IDbContextFactory<GenApiDbContext> contexts, WebhookOutbox outbox) =>
        (_writer, _contexts, _outbox) = (writer, contexts, outbox);

    /// <summary>When it is tried next, by the wall clock; null: not any more.</summary>
    public DateTimeOffset? NextAttemptOf(WebhookDelivery delivery) => delivery.NextAttemptAt is { } at ? _outbox.Clock.ToWall(at) : null;

    /// <summary>Newest first.</summary>
    /// <param name="subject">The generation.</param>
    /// <param name="account">Whose; null: everybody's.</param>
    /// <param name="before">The <see cref="WebhookDelivery.Number"/> of the last one seen; null: from the newest.</param>
    /// <param name="atMost">How many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<List<WebhookDelivery>> ListAsync(Guid subject, Guid? account, long? before, int atMost, CancellationToken cancellationToken) =>
        _contexts.ReadAsync(db => db.Set<WebhookDelivery>().AsNoTracking()
            .Where(delivery => delivery.SubjectId == subject && (account == null || delivery.AccountId == account) && (before == null || delivery.Number < before))
            .OrderByDescending(delivery => delivery.Number).Take(atMost).ToListAsync(cancellationToken), cancellationToken);

    /// <summary>Removes the oldest of those that are not tried any more and were made before a moment, a thousand at most.</summary>
    /// <returns>How many.</returns>
    internal async Task<int> RemoveOldAsync(DateTimeOffset madeBefore, CancellationToken cancellationToken)
    {
        const int atMost = 1000;
        // Numbers grow with time, so nothing behind the first that is younger has to be looked at.
        var numbers = await _contexts.ReadAsync(db => db.Set<WebhookDelivery>().OrderBy(delivery => delivery.Number).Take(atMost)
            .Where(delivery => delivery.CreatedAt < madeBefore && delivery.NextAttemptAt == null).Select(delivery => delivery.Number).ToListAsync(cancellationToken), cancellationToken);
        return numbers.Count == 0 ? 0 : await _writer.WriteAsync((db, token) => db.Set<WebhookDelivery>()
            .Where(delivery => numbers.Contains(delivery.Number) && delivery.NextAttemptAt == null).ExecuteDeleteAsync(token), cancellationToken);
    }

    /// <summary>Sends it again now, under the same id, and by the whole schedule if that fails.</summary>
    /// <param name="subject">The generation.</param>
    /// <param name="account">Whose; null: everybody's.</param>
    /// <param name="id">Of the delivery.</param>
    /// <param name="also">What else belongs into the transaction.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when there is no such delivery, or it is not the account's.</returns>
    internal async Task<WebhookDelivery?> RedeliverAsync(
        Guid subject, Guid? account, Guid id, Func<GenApiDbContext, WebhookDelivery, CancellationToken, Task> also, CancellationToken cancellationToken)
    {
        var found = await _writer.WriteAsync(async (db, token) =>
        {
            var row = await db.Set<WebhookDelivery>().FirstOrDefaultAsync(delivery => delivery.Id == id && delivery.SubjectId == subject && (account == null || delivery.AccountId == account), token);
            if (row is null)
                return null;
            row.Redeliver(_outbox.Clock.Now);
            await also(db, row, token);
            await db.SaveChangesAsync(token);
            return row;
        }, cancellationToken);
        _outbox.Wake();
        return found;
    }
}
