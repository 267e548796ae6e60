using System.Collections.Concurrent;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Webhooks;

/// <summary>
/// Sends what is due and writes down what became of it. The schedule is the rows, so a restart changes nothing, and what was on its way when the process died is
/// due as before: at least once, always under the same id. No row is claimed, because one process owns the data directory.
/// </summary>
internal sealed partial class WebhookDispatcher(
    WebhookOutbox outbox, WebhookSender sender, DatabaseWriter writer, IDbContextFactory<GenApiDbContext> contexts, GenApiMetrics metrics,
    ILogger<WebhookDispatcher> logger) : BackgroundService
{
    private const int MostAtOnce = 32;

    /// <summary>A receiver that hangs keeps so many places and no more; the others are served meanwhile.</summary>
    private const int MostPerHost = 4;

    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(5);

    /// <summary>At a stop; a hanging receiver is told again after the start.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<long, (string Host, Task Task)> _underWay = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly TimeProvider _time = outbox.Time;
    private readonly SteadyClock _clock = outbox.Clock;
    private bool _isInTime;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
                await outbox.RestAsync(await RoundAsync(stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var underWay = Task.WhenAll(_underWay.Values.Select(each => each.Task));
        try
        {
            await underWay.WaitAsync(StopPatience, _time, cancellationToken);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            await _abandon.CancelAsync();
            await underWay;
        }
    }

    public override void Dispose()
    {
        _abandon.Dispose();
        base.Dispose();
    }

    /// <returns>How long there is nothing to do, unless somebody wakes us.</returns>
    private async Task<TimeSpan> RoundAsync(CancellationToken stopping)
    {
        try
        {
            var now = _clock.Now;
            // Where nothing is due, as at most starts and wakings, this is all that is asked.
            var next = await NextAsync(DateTimeOffset.MinValue, stopping);
            if (!_isInTime && next > now)
                next = await PullInAsync(stopping);
            _isInTime = true;
            if (next <= now)
            {
                while (await StartDueAsync(stopping) > 0)
                {
                    // Another look: hosts that have become busy are passed over now, and others come into view.
                }
                now = _clock.Now;
                next = await NextAsync(now, stopping);
            }
            return next is { } at && at - now < LongestRest ? at - now : LongestRest;
        }
        catch (GenApiException fault)
        {
            Log.CannotRead(logger, fault);
            return AfterFault;
        }
    }

    /// <summary>
    /// After a start: what an earlier process left is due after its pause at the latest. It lies further ahead where the wall clock was
    /// set back, in that process or since.
    /// </summary>
    private async Task<DateTimeOffset?> PullInAsync(CancellationToken stopping)
    {
        await writer.WriteAsync(async (db, token) =>
        {
            for (var tries = 0; tries <= WebhookSchedule.MostTries; tries++)
            {
                var (made, latest) = (tries, _clock.Now + WebhookSchedule.LongestAfter(tries));
                var ahead = await db.Set<WebhookDelivery>().Where(delivery => delivery.Tries == made && delivery.NextAttemptAt > latest).ToListAsync(token);
                ahead.ForEach(delivery => delivery.PullIn(_clock.Now));
            }
            await db.SaveChangesAsync(token);
        }, stopping);
        return await NextAsync(DateTimeOffset.MinValue, stopping);
    }

    /// <summary>When the next delivery after <paramref name="moment"/> is due; null: none is.</summary>
    private async Task<DateTimeOffset?> NextAsync(DateTimeOffset moment, CancellationToken stopping)
    {
        // Rows and not a minimum: for a nullable value EF's whole path is compiled once more, at each start.
        var next = await contexts.ReadAsync(db => db.Set<WebhookDelivery>().Where(delivery => delivery.NextAttemptAt > moment)
            .OrderBy(delivery => delivery.NextAttemptAt).Select(delivery => new { delivery.NextAttemptAt }).Take(1).ToListAsync(stopping), stopping);
        return next.FirstOrDefault()?.NextAttemptAt;
    }

    private async Task<int> StartDueAsync(CancellationToken stopping)
    {
        var free = MostAtOnce - _underWay.Count;
        if (free <= 0)
            return 0;
        var now = _clock.Now;
        var numbers = _underWay.Keys.ToList();
        var perHost = _underWay.Values.CountBy(each => each.Host).ToDictionary();
        var busy = perHost.Where(host => host.Value >= MostPerHost).Select(host => host.Key).ToList();
        var due = await contexts.ReadAsync(db => db.Set<WebhookDelivery>().AsNoTracking()
            .Where(delivery => delivery.NextAttemptAt <= now && !busy.Contains(delivery.Host) && !numbers.Contains(delivery.Number))
            .OrderBy(delivery => delivery.NextAttemptAt).Take(free).ToListAsync(stopping), stopping);
        var started = 0;
        foreach (var delivery in due)
        {
            var count = perHost.GetValueOrDefault(delivery.Host);
            if (count >= MostPerHost)
                continue;
            perHost[delivery.Host] = count + 1;
            Start(delivery, stopping);
            started++;
        }
        return started;
    }

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
        try
        {
            var attempt = await sender.SendAsync(delivery, _abandon.Token);
            metrics.Delivered(attempt.IsAccepted);
            if (!attempt.IsAccepted)
                Log.NotDelivered(logger, delivery.Event.Word(), subject, delivery.Host, attempt.Status, attempt.Error);
            if (await RecordAsync(delivery, attempt) is WebhookDeliveryState.Failed or WebhookDeliveryState.Gone)
                Log.GivenUp(logger, delivery.Event.Word(), subject, delivery.Host);
        }
        catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
        {
            // It is due as before.
        }
        catch (Exception failure)
        {
            // Not written down, so it is sent again; the place is held for a while, or it would be sent again and again.
            Log.NotRecorded(logger, subject, failure);
            await Task.Delay(AfterFault, _time, stopping).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    /// <returns>Where it stands now; null when it is gone, with its generation.</returns>
    private Task<WebhookDeliveryState?> RecordAsync(WebhookDelivery delivery, WebhookAttempt attempt) => writer.WriteAsync<WebhookDeliveryState?>(async (db, token) =>
    {
        var row = await db.Set<WebhookDelivery>().FirstOrDefaultAsync(each => each.Number == delivery.Number, token);
        // Deleted with its generation meanwhile.
        if (row is null)
            return null;
        row.Record(attempt, delivery.Round, _time.GetUtcNow(), _clock.Now);
        await db.SaveChangesAsync(token);
        return row.State;
    }, CancellationToken.None);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Can't read which webhooks are due")]
        public static partial void CannotRead(ILogger logger, Exception fault);

        [LoggerMessage(2, LogLevel.Information, "The webhook '{What}' of {GenerationId} did not arrive at {Host} ({Status}): {Error}")]
        public static partial void NotDelivered(ILogger logger, string what, string generationId, string host, int? status, string? error);

        [LoggerMessage(3, LogLevel.Warning, "What became of a webhook of {GenerationId} could not be written down; it is sent again")]
        public static partial void NotRecorded(ILogger logger, string generationId, Exception failure);

        [LoggerMessage(4, LogLevel.Warning, "The webhook '{What}' of {GenerationId} to {Host} is given up; POST …/redeliver sends it again")]
        public static partial void GivenUp(ILogger logger, string what, string generationId, string host);
    }
}
