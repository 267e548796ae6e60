using System.Data.Common;
using GenApi.Core.Background;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Postgres;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Cluster.Changes;

/// <summary>
/// Announces to the other instances that this one has committed something. The first commit is announced at once, and those of the next
/// moments together at their end.
/// </summary>
internal sealed partial class ChangeAnnouncer : BackgroundLoop
{
    /// <summary>At most one announcement in this time.</summary>
    internal static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    private readonly ICluster _cluster;
    private readonly PostgresNotifications _notifications;
    private bool _hasFailed;

    public ChangeAnnouncer(
        ICluster cluster, DatabaseWriter writer, PostgresNotifications notifications, TimeProvider time, ILogger<ChangeAnnouncer> logger)
        : base(time, logger)
    {
        (_cluster, _notifications) = (cluster, notifications);
        if (cluster.IsShared)
            writer.Committed = Wake;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _cluster.IsShared ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        // Nobody else listens.
        if (_cluster.LiveInstances < 2)
            return;
        try
        {
            await _notifications.NotifyAsync(stopping);
            _hasFailed = false;
        }
        catch (DbException failure)
        {
            // The others poll: all that is lost is some time.
            if (!_hasFailed)
                Log.NotAnnounced(Logger, failure);
            _hasFailed = true;
        }
        await Task.Delay(Every, Time, stopping);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Changes can't be announced to the other instances, which poll for them meanwhile")]
        public static partial void NotAnnounced(ILogger logger, Exception failure);
    }
}
