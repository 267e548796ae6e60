using System.Collections.Concurrent;
using GenApi.Core.Background;
using GenApi.Core.Cluster;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Sends the deliveries that are due and records their outcome. The rows are the schedule, so a restart changes nothing. A delivery that
/// was on its way when the process died is due as before: at least once, always under the same id. Instances that share a database claim a
/// delivery for a minute, so that one of them sends it.
/// </summary>
internal sealed partial class WebhookDispatcher(
    WebhookOutbox outbox, WebhookSender sender, DatabaseWriter writer, IDbContextFactory<GenApiDbContext> contexts, ICluster cluster,
    GenApiMetrics metrics, TimeProvider time, SteadyClock clock, ILogger<WebhookDispatcher> logger)
    : BackgroundLoop(time, logger)
{
    private const int MostAtOnce = 32;

    /// <summary>A receiver that hangs holds at most this many of them; the others are served meanwhile.</summary>
    private const int MostPerHost = 4;

    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);

    /// <summary>After this time an instance finds what another one left when it died.</summary>
    private static readonly TimeSpan LongestSharedRest = TimeSpan.FromSeconds(5);

    /// <summary>The length of a claim: longer than the slowest attempt with the wait to record it.</summary>
    internal static readonly TimeSpan ClaimTerm = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(5);

    /// <summary>The time for which a stop waits. A receiver that hangs gets its delivery again after the next start.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<long, (string Host, Task Task)> _underWay = new();
    private readonly CancellationTokenSource _abandon = new();
    private bool _isPulledIn;

    /// <summary>The time until something is due. The first round does not wait.</summary>
    private TimeSpan _rest = TimeSpan.Zero;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var underWay = Task.WhenAll(_underWay.Values.Select(each => each.Task));
        try
        {
            await underWay.WaitAsync(StopPatience, Time, cancellationToken);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            await _abandon.CancelAsync();
            await underWay;
        }
        if (cluster.IsShared)
            await ReleaseAsync();
    }

    public override void Dispose()
    {
        _abandon.Dispose();
        base.Dispose();
    }

    protected override Task RestAsync(CancellationToken stopping) => outbox.RestAsync(IsWell ? _rest : AfterFault, stopping);

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        var now = clock.Now;
        // Where nothing is due, as at most starts and wakes, this is the only query.
        var next = await NextAsync(DateTimeOffset.MinValue, stopping);
        if (!_isPulledIn && next > now)
            next = await PullInAsync(stopping);
        _isPulledIn = true;
        if (next <= now)
        {
            while (await StartDueAsync(stopping) > 0)
            {
                // Again: hosts that have become busy are passed over now, and others come into view.
            }
            now = clock.Now;
            next = await NextAsync(now, stopping);
        }
        var longest = cluster.IsShared ? LongestSharedRest : LongestRest;
        _rest = next is { } at && at - now < longest ? at - now : longest;
    }

    protected override void Report(GenApiException fault) => Log.CannotRead(Logger, fault);

    /// <summary>
    /// Makes the deliveries of an earlier process due after their pause at the latest. They lie further ahead where the wall clock was set
    /// back, in that process or since.
    /// </summary>
    private async Task<DateTimeOffset?> PullInAsync(CancellationToken stopping)
    {
        await writer.WriteAsync(async (db, token) =>
        {
            for (var tries = 0; tries <= WebhookSchedule.MostTries; tries++)
            {
                var (made, latest) = (tries, clock.Now + WebhookSchedule.LongestAfter(tries));
                var ahead = await db.Set<WebhookDelivery>().Where(delivery => delivery.Tries == made && delivery.NextAttemptAt > latest)
                    .ToListAsync(token);
                ahead.ForEach(delivery => delivery.PullIn(clock.Now));
            }
            await db.SaveChangesAsync(token);
        }, stopping);
        return await NextAsync(DateTimeOffset.MinValue, stopping);
    }

    /// <summary>Returns the time at which the next delivery after <paramref name="moment"/> is due; null: there is none.</summary>
    private async Task<DateTimeOffset?> NextAsync(DateTimeOffset moment, CancellationToken stopping)
    {
        // Past EF, because each start comes along here.
        var next = await contexts.ReadAsync(
            db => db.QueryAsync(
                """SELECT "NextAttemptAt" FROM "WebhookDeliveries" WHERE "NextAttemptAt" > @p0 ORDER BY "NextAttemptAt" LIMIT 1""",
                static row => row.Time(), stopping, moment), stopping);
        return next is [var first] ? first : null;
    }

    private async Task<int> StartDueAsync(CancellationToken stopping)
    {
        var free = MostAtOnce - _underWay.Count;
        if (free <= 0)
            return 0;
        var now = clock.Now;
        var numbers = _underWay.Keys.ToList();
        var perHost = _underWay.Values.CountBy(each => each.Host).ToDictionary();
        var busy = perHost.Where(host => host.Value >= MostPerHost).Select(host => host.Key).ToList();
        var due = await contexts.ReadAsync(
            async db => Chosen(await Due(db).ToListAsync(stopping), perHost), stopping);
        if (cluster.IsShared && due.Count > 0)
            due = await ClaimAsync(due, stopping);
        due.ForEach(delivery => Start(delivery, stopping));
        return due.Count;

        IQueryable<WebhookDelivery> Due(GenApiDbContext db) => Unclaimed(db, now)
            .Where(delivery => delivery.NextAttemptAt <= now && !busy.Contains(delivery.Host) && !numbers.Contains(delivery.Number))
            .OrderBy(delivery => delivery.NextAttemptAt).Take(free);
    }

    /// <summary>Takes no more for one host than it may hold.</summary>
    private static List<WebhookDelivery> Chosen(List<WebhookDelivery> due, Dictionary<string, int> perHost)
    {
        due.RemoveAll(delivery =>
        {
            var count = perHost.GetValueOrDefault(delivery.Host);
            perHost[delivery.Host] = count + 1;
            return count >= MostPerHost;
        });
        return due;
    }

    /// <summary>Leaves out what another instance sends. One process alone claims nothing.</summary>
    private IQueryable<WebhookDelivery> Unclaimed(GenApiDbContext db, DateTimeOffset now) => cluster.IsShared
        ? db.Set<WebhookDelivery>().AsNoTracking().Where(delivery => delivery.ClaimedUntil == null || delivery.ClaimedUntil <= now)
        : db.Set<WebhookDelivery>().AsNoTracking();

    /// <summary>
    /// Claims deliveries for this instance. Only one instance writes at a time, so what is free in the transaction is this one's after it.
    /// </summary>
    /// <returns>Those that were still free, as they are now.</returns>
    private Task<List<WebhookDelivery>> ClaimAsync(List<WebhookDelivery> chosen, CancellationToken stopping) =>
        writer.WriteAsync(async (db, token) =>
        {
            var (now, until, numbers) = (clock.Now, db.Now + ClaimTerm, chosen.ConvertAll(delivery => delivery.Number));
            var free = await Unclaimed(db, db.Now)
                .Where(delivery => numbers.Contains(delivery.Number) && delivery.NextAttemptAt <= now).ToListAsync(token);
            var claimed = free.ConvertAll(delivery => delivery.Number);
            await db.Set<WebhookDelivery>().Where(delivery => claimed.Contains(delivery.Number)).ExecuteUpdateAsync(
                set => set.SetProperty(delivery => delivery.ClaimedBy, cluster.InstanceId)
                    .SetProperty(delivery => delivery.ClaimedUntil, (DateTimeOffset?)until), token);
            return free;
        }, stopping);

    private void Start(WebhookDelivery delivery, CancellationToken stopping)
    {
        var begin = new TaskCompletionSource();
        var task = Task.Run(async () =>
        {
            await begin.Task;
            await DeliverAsync(delivery, stopping);
            _underWay.TryRemove(delivery.Number, out _);
            outbox.Wake();
        }, CancellationToken.None);
        _underWay[delivery.Number] = (delivery.Host, task);
        begin.SetResult();
    }

    private async Task DeliverAsync(WebhookDelivery delivery, CancellationToken stopping)
    {
        var subject = PublicId.Format(PublicId.Generation, delivery.SubjectId);
        // Frozen since the claim: another instance may send it by now. If not, it is due when the claim is over.
        if (!cluster.IsAlive)
            return;
        try
        {
            var attempt = await sender.SendAsync(delivery, _abandon.Token);
            metrics.Delivered(attempt.IsAccepted);
            if (!attempt.IsAccepted)
                Log.NotDelivered(Logger, delivery.Event.Word(), subject, delivery.Host, attempt.Status, attempt.Error);
            if (await RecordAsync(delivery, attempt) is WebhookDeliveryState.Failed or WebhookDeliveryState.Gone)
                Log.GivenUp(Logger, delivery.Event.Word(), subject, delivery.Host);
        }
        catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
        {
            // It is due as before.
        }
        catch (Exception failure)
        {
            // Not recorded, so it is sent again. It stays under way for a while, or it would be sent again and again.
            Log.NotRecorded(Logger, subject, failure);
            await Task.Delay(AfterFault, Time, stopping).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    /// <returns>The state of the delivery now; null when it was deleted with its generation.</returns>
    private Task<WebhookDeliveryState?> RecordAsync(WebhookDelivery delivery, WebhookAttempt attempt) =>
        writer.WriteAsync<WebhookDeliveryState?>(async (db, token) =>
        {
            var row = await db.Set<WebhookDelivery>().FirstOrDefaultAsync(each => each.Number == delivery.Number, token);
            if (row is null)
                return null;
            // Another instance sends it again once the claim is over. Its attempt decides, unless this one has arrived.
            var isOwn = row.ClaimedBy == (cluster.IsShared ? cluster.InstanceId : null);
            row.Record(attempt, isOwn || attempt.IsAccepted ? delivery.Round : null, Time.GetUtcNow(), clock.Now);
            if (isOwn)
                row.Unclaim();
            await db.SaveChangesAsync(token);
            return row.State;
        }, CancellationToken.None);

    /// <summary>Gives back what was not sent, so that another instance need not wait for the end of the claims.</summary>
    private async Task ReleaseAsync()
    {
        try
        {
            await writer.WriteAsync(
                (db, token) => db.Set<WebhookDelivery>().Where(delivery => delivery.ClaimedBy == cluster.InstanceId).ExecuteUpdateAsync(
                    set => set.SetProperty(delivery => delivery.ClaimedBy, (string?)null)
                        .SetProperty(delivery => delivery.ClaimedUntil, (DateTimeOffset?)null), token),
                CancellationToken.None);
        }
        catch (GenApiException fault)
        {
            Log.NotReleased(Logger, fault);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Can't read which webhooks are due; trying again every five seconds")]
        public static partial void CannotRead(ILogger logger, Exception fault);

        [LoggerMessage(2, LogLevel.Information, "The webhook '{What}' of {GenerationId} did not arrive at {Host} ({Status}): {Error}")]
        public static partial void NotDelivered(ILogger logger, string what, string generationId, string host, int? status, string? error);

        [LoggerMessage(3, LogLevel.Warning, "The outcome of a webhook of {GenerationId} could not be recorded; it is sent again")]
        public static partial void NotRecorded(ILogger logger, string generationId, Exception failure);

        [LoggerMessage(
            4, LogLevel.Warning, "The webhook '{What}' of {GenerationId} to {Host} is given up; POST …/redeliver sends it again")]
        public static partial void GivenUp(ILogger logger, string what, string generationId, string host);

        [LoggerMessage(5, LogLevel.Warning, "Could not give back the webhooks that were not sent; another instance sends them in a minute")]
        public static partial void NotReleased(ILogger logger, Exception fault);
    }
}
