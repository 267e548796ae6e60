using GenApi.Core.Accounts.Usage;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Status;

/// <summary>Reads the status of the installation, whether or not a service uses it. It writes nothing.</summary>
public sealed class StoreStatus
{
    /// <summary>The time for which a refusal for lack of credit counts.</summary>
    public static readonly TimeSpan CreditMemory = TimeSpan.FromHours(24);

    /// <summary>The number of latest deliveries that are searched for ones that were given up: there is no index for them.</summary>
    public const int RecentDeliveries = 10_000;

    private const string Failed = "failed", Succeeded = "succeeded", Deleted = "deleted";

    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly DataDirectory _directory;
    private readonly UsageReports _usage;
    private readonly MaintenanceRuns _runs;
    private readonly ClusterReport _cluster;
    private readonly TimeProvider _time;

    public StoreStatus(
        IDbContextFactory<GenApiDbContext> contexts, DataDirectory directory, UsageReports usage,
        MaintenanceRuns runs, ClusterReport cluster, TimeProvider time) =>
        (_contexts, _directory, _usage, _runs, _cluster, _time) = (contexts, directory, usage, runs, cluster, time);

    /// <summary>Reads the status.</summary>
    /// <param name="upstream">The upstream whose spending is reported.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="GenApiException">StorageUnavailable: the database can't be read.</exception>
    public async Task<StatusReport> ReadAsync(string upstream, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var midnight = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var instances = await _cluster.ListAsync(cancellationToken);
        var today = await _usage.ReadAsync(new(midnight, midnight.AddDays(1), UsageGrouping.Day, upstream, null), cancellationToken);
        return await _contexts.ReadAsync(async db =>
        {
            var open = await db.Set<Generation>().AsNoTracking().Where(row => row.CompletedAt == null)
                .GroupBy(row => row.Status)
                .Select(group => new { Status = group.Key, Count = group.Count(), Oldest = group.Min(row => row.Number) })
                .ToListAsync(cancellationToken);
            var oldest = open.Count == 0 ? -1 : open.Min(group => group.Oldest);
            var ended = await EndedAsync(db, now, cancellationToken);
            var credit = await CreditAsync(db, now, cancellationToken);
            var latest = await db.Set<WebhookDelivery>().MaxAsync(row => (long?)row.Number, cancellationToken) ?? 0;
            var files = await db.Set<StoredImage>().GroupBy(_ => 1)
                .Select(all => new
                {
                    Count = all.LongCount(),
                    Bytes = all.Sum(row => row.Bytes),
                    Lost = all.LongCount(row => row.LostAt != null),
                })
                .FirstOrDefaultAsync(cancellationToken);
            var waiting = db.Set<WebhookDelivery>().Where(row => row.NextAttemptAt != null);
            return new StatusReport
            {
                Directory = _directory.Root,
                IsOwned = db.IsServer ? await StoreUse.InstanceAsync(db, cancellationToken) is not null : _directory.IsOwned,
                Instances = instances,
                Queued = open.Where(group => group.Status == GenerationStatus.Queued).Sum(group => group.Count),
                InFlight = open.Where(group => group.Status != GenerationStatus.Queued).Sum(group => group.Count),
                OldestSince = await db.Set<Generation>().Where(row => row.Number == oldest).Select(row => (DateTimeOffset?)row.CreatedAt)
                    .FirstOrDefaultAsync(cancellationToken),
                Today = today.Totals,
                RunsOfLastHour = ended.Sum(each => each.Value),
                Failures = ended.Where(each => each.Key.Length > 0).OrderByDescending(each => each.Value)
                    .ToDictionary(each => each.Key, each => each.Value),
                CreditRefusedAt = credit.At,
                CreditCameBack = credit.CameBack,
                WebhooksWaiting = await waiting.CountAsync(cancellationToken),
                WebhooksTried = await waiting.CountAsync(row => row.Tries > 0, cancellationToken),
                WebhooksGivenUp = await db.Set<WebhookDelivery>()
                    .Where(row => row.Number > latest - RecentDeliveries && row.State == WebhookDeliveryState.Failed)
                    .CountAsync(cancellationToken),
                Files = files?.Count ?? 0,
                FileBytes = files?.Bytes ?? 0,
                LostFiles = files?.Lost ?? 0,
                DatabaseBytes = await db.SizeAsync(cancellationToken),
                FreeBytes = DiskRoom.FreeAt(_directory.Root) is var free && free < long.MaxValue ? free : null,
                Backup = await HistoryAsync(db, MaintenanceRuns.BackupFile, cancellationToken),
                Check = await HistoryAsync(db, MaintenanceRuns.CheckFile, cancellationToken),
            };
        }, cancellationToken);
    }

    /// <summary>Counts the runs of the last hour by error code; the empty code counts those that did not fail.</summary>
    private static async Task<Dictionary<string, int>> EndedAsync(
        GenApiDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - TimeSpan.FromHours(1);
        var runs = await db.Set<UsageEntry>().Where(entry => entry.At >= since && entry.Kind == UsageKind.Run)
            .Select(entry => new
            {
                IsFailure = entry.Status == Failed,
                Code = db.Set<Generation>().Where(row => row.Id == entry.GenerationId).Select(row => row.ErrorCode).FirstOrDefault(),
            })
            .GroupBy(run => new { run.IsFailure, run.Code }).Select(group => new { group.Key, Count = group.Count() })
            .ToListAsync(cancellationToken);
        return runs.GroupBy(run => run.Key.IsFailure ? run.Key.Code ?? Deleted : "")
            .ToDictionary(group => group.Key, group => group.Sum(run => run.Count));
    }

    private static async Task<(DateTimeOffset? At, bool CameBack)> CreditAsync(
        GenApiDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - CreditMemory;
        var code = ErrorCodes.Of(ErrorKind.UpstreamOutOfCredit);
        var refused = await db.Set<UsageEntry>()
            .Where(entry => entry.At >= since && entry.Kind == UsageKind.Run && entry.Status == Failed
                && db.Set<Generation>().Any(row => row.Id == entry.GenerationId && row.ErrorCode == code))
            .OrderByDescending(entry => entry.At).Select(entry => new { entry.At, entry.Upstream }).FirstOrDefaultAsync(cancellationToken);
        if (refused is null)
            return (null, false);
        return (refused.At, await db.Set<UsageEntry>().AnyAsync(
            entry => entry.At > refused.At && entry.Status == Succeeded && entry.Upstream == refused.Upstream, cancellationToken));
    }

    private async Task<MaintenanceStatus> HistoryAsync(GenApiDbContext db, string file, CancellationToken cancellationToken)
    {
        var history = _runs.Read(file);
        if (history.Done?.LedgerLine is not { } line)
            return new(history, null, false);
        if (line > await MaintenanceRuns.LedgerLineAsync(db, cancellationToken))
            return new(history, null, true);
        var since = await db.Set<UsageEntry>()
            .LongCountAsync(entry => entry.Number > line && entry.Kind == UsageKind.Run, cancellationToken);
        return new(history, since, false);
    }
}
