using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Webhooks;

/// <summary>Lists and repeats deliveries, for the owner of the generation.</summary>
public sealed class WebhookDeliveries
{
    private readonly DatabaseWriter _writer;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly WebhookOutbox _outbox;
    private readonly SteadyClock _clock;

    public WebhookDeliveries(
        DatabaseWriter writer, IDbContextFactory<GenApiDbContext> contexts, WebhookOutbox outbox, SteadyClock clock) =>
        (_writer, _contexts, _outbox, _clock) = (writer, contexts, outbox, clock);

    /// <summary>Returns the time of the delivery's next attempt, by the wall clock; null: there will be none.</summary>
    public DateTimeOffset? NextAttemptOf(WebhookDelivery delivery) => delivery.NextAttemptAt is { } at ? _clock.ToWall(at) : null;

    /// <summary>Lists the deliveries about a generation, newest first.</summary>
    /// <param name="subject">The generation.</param>
    /// <param name="account">The account whose deliveries to list; null: all.</param>
    /// <param name="before">The <see cref="WebhookDelivery.Number"/> of the last one seen; null: from the newest.</param>
    /// <param name="atMost">The most deliveries to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<List<WebhookDelivery>> ListAsync(
        Guid subject, Guid? account, long? before, int atMost, CancellationToken cancellationToken) =>
        _contexts.ReadAsync(db => db.Set<WebhookDelivery>().AsNoTracking()
            .Where(delivery => delivery.SubjectId == subject && (account == null || delivery.AccountId == account)
                && (before == null || delivery.Number < before))
            .OrderByDescending(delivery => delivery.Number).Take(atMost).ToListAsync(cancellationToken), cancellationToken);

    /// <summary>Removes old deliveries that are not tried any more, a thousand at most.</summary>
    /// <param name="madeBefore">Only deliveries made before this are removed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number of removed deliveries.</returns>
    internal async Task<int> RemoveOldAsync(DateTimeOffset madeBefore, CancellationToken cancellationToken)
    {
        const int atMost = 1000;
        // Numbers grow with time, so nothing after the first younger delivery has to be checked.
        var numbers = await _contexts.ReadAsync(db => db.Set<WebhookDelivery>().OrderBy(delivery => delivery.Number).Take(atMost)
            .Where(delivery => delivery.CreatedAt < madeBefore && delivery.NextAttemptAt == null).Select(delivery => delivery.Number)
            .ToListAsync(cancellationToken), cancellationToken);
        return numbers.Count == 0 ? 0 : await _writer.WriteAsync((db, token) => db.Set<WebhookDelivery>()
            .Where(delivery => numbers.Contains(delivery.Number) && delivery.NextAttemptAt == null)
            .ExecuteDeleteAsync(token), cancellationToken);
    }

    /// <summary>Sends a delivery again now, under the same id, and by the whole schedule if that fails.</summary>
    /// <param name="subject">The generation.</param>
    /// <param name="account">The account that must own the delivery; null: any.</param>
    /// <param name="id">The id of the delivery.</param>
    /// <param name="also">More work in the same transaction.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where there is no such delivery, or it is not the account's.</returns>
    internal async Task<(WebhookDelivery Delivery, T Also)?> RedeliverAsync<T>(
        Guid subject, Guid? account, Guid id, Func<GenApiDbContext, WebhookDelivery, CancellationToken, Task<T>> also,
        CancellationToken cancellationToken)
    {
        var found = await _writer.WriteAsync<(WebhookDelivery, T)?>(async (db, token) =>
        {
            var row = await db.Set<WebhookDelivery>().FirstOrDefaultAsync(
                delivery =>
                    delivery.Id == id && delivery.SubjectId == subject && (account == null || delivery.AccountId == account), token);
            if (row is null)
                return null;
            row.Redeliver(_clock.Now);
            var added = await also(db, row, token);
            await db.SaveChangesAsync(token);
            return (row, added);
        }, cancellationToken);
        _outbox.Wake();
        return found;
    }
}
