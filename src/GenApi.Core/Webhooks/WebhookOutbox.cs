using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Takes messages in the transaction of what they tell about: either both are on the disk or neither. Sending them is the
/// <see cref="WebhookDispatcher"/>'s.
/// </summary>
internal sealed class WebhookOutbox(TimeProvider time, SteadyClock clock)
{
    private TaskCompletionSource _woken = New();

    public TimeProvider Time => time;

    /// <summary>When a delivery is due goes by it, so that a wall clock that is set holds none up.</summary>
    public SteadyClock Clock => clock;

    /// <summary>To be told from now on; the caller saves.</summary>
    public static void Subscribe(GenApiDbContext db, Guid subject, WebhookTarget target) => db.Add(new WebhookSubscription
    {
        SubjectId = subject,
        AccountId = target.AccountId,
        Url = target.Url,
        Events = target.Events,
        BaseUrl = target.BaseUrl,
    });

    /// <summary>Everybody who asked to be told of these events gets a delivery of each. After the last event nobody is subscribed any more.</summary>
    /// <param name="db">The writer's.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="events">One or several, told in the order in which they happen.</param>
    /// <param name="body">The message with links that begin with a base URL; asked once for each.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task EnqueueAsync(
        GenApiDbContext db, Guid subject, WebhookEvents events, Func<WebhookEvents, string, string> body, CancellationToken cancellationToken)
    {
        var subscriptions = await db.Set<WebhookSubscription>().AsNoTracking()
            .Where(subscription => subscription.SubjectId == subject).OrderBy(subscription => subscription.Number).ToListAsync(cancellationToken);
        var bodies = new Dictionary<(WebhookEvents, string), string>();
        foreach (var what in WebhookEventWords.All.Where(what => events.HasFlag(what)))
        {
            foreach (var target in subscriptions.Where(subscription => subscription.Events.HasFlag(what)).Select(subscription => subscription.Target))
            {
                if (!bodies.TryGetValue((what, target.BaseUrl), out var text))
                    text = bodies[(what, target.BaseUrl)] = body(what, target.BaseUrl);
                Enqueue(db, subject, what, target, text);
            }
        }
        if (events.HasFlag(WebhookEvents.Completed))
            await db.Set<WebhookSubscription>().Where(subscription => subscription.SubjectId == subject).ExecuteDeleteAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>For one receiver; the caller saves.</summary>
    public void Enqueue(GenApiDbContext db, Guid subject, WebhookEvents what, WebhookTarget target, string body) =>
        db.Add(WebhookDelivery.Of(subject, what, target, body, time.GetUtcNow(), clock.Now));

    /// <summary>Nobody is told about it any more. What is on its way may still arrive.</summary>
    public static Task RemoveAsync(GenApiDbContext db, Guid subject, CancellationToken cancellationToken) => RemoveAsync(db, [subject], cancellationToken);

    /// <inheritdoc cref="RemoveAsync(GenApiDbContext, Guid, CancellationToken)"/>
    public static async Task RemoveAsync(GenApiDbContext db, IReadOnlyCollection<Guid> subjects, CancellationToken cancellationToken)
    {
        await db.Set<WebhookSubscription>().Where(subscription => subjects.Contains(subscription.SubjectId)).ExecuteDeleteAsync(cancellationToken);
        await db.Set<WebhookDelivery>().Where(delivery => subjects.Contains(delivery.SubjectId)).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>The same for one account of several.</summary>
    public static async Task RemoveAsync(GenApiDbContext db, Guid subject, Guid account, CancellationToken cancellationToken)
    {
        await db.Set<WebhookSubscription>().Where(subscription => subscription.SubjectId == subject && subscription.AccountId == account).ExecuteDeleteAsync(cancellationToken);
        await db.Set<WebhookDelivery>().Where(delivery => delivery.SubjectId == subject && delivery.AccountId == account).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>There may be something to send; to be called after the commit.</summary>
    public void Wake() => Volatile.Read(ref _woken).TrySetResult();

    /// <summary>Ends after a time or when woken.</summary>
    public async Task RestAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await _woken.Task.WaitAsync(atMost, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Something is due.
        }
        // Whoever wakes the old one has committed before the round that follows.
        Volatile.Write(ref _woken, New());
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
