using System.Data.Common;
using GenApi.Core.Background;
using GenApi.Core.Persistence.Postgres;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Cluster.Changes;

/// <summary>
/// Wakes <see cref="ChangeTail"/> as soon as another instance announces a change. When the connection is lost it listens again. Behind a
/// pooler it gives up: the tail polls anyway.
/// </summary>
internal sealed partial class ChangeListening(
    ICluster cluster, ChangeTail tail, PostgresNotifications notifications, TimeProvider time, ILogger<ChangeListening> logger)
    : BackgroundLoop(time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private bool _isFirst = true;

    /// <summary>True while notifications arrive.</summary>
    public bool IsListening { get; private set; }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        cluster.IsShared ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    protected override Task RestAsync(CancellationToken stopping)
    {
        if (!_isFirst)
            return Task.Delay(Pause, Time, stopping);
        _isFirst = false;
        return Task.CompletedTask;
    }

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        try
        {
            if (await notifications.ListenAsync(tail.Wake, Listening, stopping))
                return;
            Log.Pooler(Logger);
            End();
        }
        catch (Exception failure) when (failure is DbException or TimeoutException or IOException)
        {
            if (IsListening)
                Log.Lost(Logger, failure);
            else
                Log.Refused(Logger, failure);
        }
        finally
        {
            IsListening = false;
        }
    }

    private void Listening()
    {
        IsListening = true;
        // What was announced before is read now.
        tail.Wake();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "A pooler stands between this instance and PostgreSQL, so changes of other instances are polled twice a second and not "
            + "announced")]
        public static partial void Pooler(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning,
            "The connection on which changes are announced was lost; they are polled meanwhile, and it is opened again")]
        public static partial void Lost(ILogger logger, Exception failure);

        [LoggerMessage(3, LogLevel.Debug, "Changes can't be listened to now; they are polled meanwhile")]
        public static partial void Refused(ILogger logger, Exception failure);
    }
}
