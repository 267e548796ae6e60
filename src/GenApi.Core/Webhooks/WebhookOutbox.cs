using GenApi.Core.Background;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Accepts messages in the transaction of the change that they report: either both are on the disk or neither. The
/// <see cref="WebhookDispatcher"/> sends them.
/// </summary>
public sealed class WebhookOutbox(TimeProvider time, SteadyClock clock)
{
    private readonly WakeSignal _wake = new();

    /// <summary>Subscribes a receiver to the subject's events from now on. The caller saves.</summary>
    public static void Subscribe(GenApiDbContext db, Guid subject, WebhookTarget target) => db.Add(new WebhookSubscription
    {
        SubjectId = subject,
        AccountId = target.AccountId,
        Url = target.Url,
        Events = target.Events,
        BaseUrl = target.BaseUrl,
    });

    /// <summary>Adds a delivery of each event for each of its subscribers. The last event ends all subscriptions.</summary>
    /// <param name="db">The writer's context.</param>
    /// <param name="subject">The generation that the events are about.</param>
    /// <param name="events">One or several; they are sent in the order in which they happen.</param>
    /// <param name="body">Writes the message, with links that begin with a base URL. It is called once for each event and base URL.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task EnqueueAsync(
        GenApiDbContext db, Guid subject, WebhookEvents events, Func<WebhookEvents, string, string> body,
            CancellationToken cancellationToken)
    {
        var subscriptions = await db.Set<WebhookSubscription>().AsNoTracking()
            .Where(subscription => subscription.SubjectId == subject).OrderBy(subscription => subscription.Number)
                .ToListAsync(cancellationToken);
        var bodies = new Dictionary<(WebhookEvents, string), string>();
        foreach (var what in WebhookEventWords.All.Where(what => events.HasFlag(what)))
        {
            foreach (var target in subscriptions.Where(each => each.Events.HasFlag(what)).Select(each => each.Target))
            {
                if (!bodies.TryGetValue((what, target.BaseUrl), out var text))
                    text = bodies[(what, target.BaseUrl)] = body(what, target.BaseUrl);
                Enqueue(db, subject, what, target, text);
            }
        }
        if (events.HasFlag(WebhookEvents.Completed))
            await db.Set<WebhookSubscription>().Where(subscription => subscription.SubjectId == subject)
                .ExecuteDeleteAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Adds one delivery. The caller saves.</summary>
    public void Enqueue(GenApiDbContext db, Guid subject, WebhookEvents what, WebhookTarget target, string body) =>
        db.Add(WebhookDelivery.Of(subject, what, target, body, time.GetUtcNow(), clock.Now));

    /// <summary>Removes all subscriptions and deliveries of the subject. A delivery that is on its way may still arrive.</summary>
    public static Task RemoveAsync(GenApiDbContext db, Guid subject, CancellationToken cancellationToken) =>
        RemoveAsync(db, [subject], cancellationToken);

    /// <inheritdoc cref="RemoveAsync(GenApiDbContext, Guid, CancellationToken)"/>
    public static async Task RemoveAsync(GenApiDbContext db, IReadOnlyCollection<Guid> subjects, CancellationToken cancellationToken)
    {
        await db.Set<WebhookSubscription>().Where(subscription => subjects.Contains(subscription.SubjectId))
            .ExecuteDeleteAsync(cancellationToken);
        await db.Set<WebhookDelivery>().Where(delivery => subjects.Contains(delivery.SubjectId)).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Removes the subscriptions and deliveries of one account, where several follow the subject.</summary>
    public static async Task RemoveAsync(GenApiDbContext db, Guid subject, Guid account, CancellationToken cancellationToken)
    {
        await db.Set<WebhookSubscription>().Where(subscription => subscription.SubjectId == subject && subscription.AccountId == account)
            .ExecuteDeleteAsync(cancellationToken);
        await db.Set<WebhookDelivery>().Where(delivery => delivery.SubjectId == subject && delivery.AccountId == account)
            .ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Wakes the dispatcher. Call it after the commit.</summary>
    public void Wake() => _wake.Wake();

    /// <summary>Ends after a time, or at <see cref="Wake"/>.</summary>
    public Task RestAsync(TimeSpan atMost, CancellationToken cancellationToken) => _wake.WaitAsync(atMost, time, cancellationToken);
}
