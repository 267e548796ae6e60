using GenApi.Core.Background;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Accounts.Keys;

/// <summary>
/// Loads the keys before anything is served. Afterwards it notices what other processes and instances change, and writes when keys were
/// used last. When the database can't be read, the known keys stay as they are.
/// </summary>
internal sealed partial class KeyWatch(ApiKeys keys, ICluster cluster, TimeProvider time, ILogger<KeyWatch> logger)
    : BackgroundLoop(time, logger, Beat), IPreparation, IChangeListener
{
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>A crash loses at most this much of "last used".</summary>
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(15);

    private long _savedAt = time.GetTimestamp();

    public Task PrepareAsync(CancellationToken cancellationToken) => keys.LoadAsync(cancellationToken);

    /// <summary>A key that another instance has changed is read at once.</summary>
    void IChangeListener.Changed(IReadOnlyList<StoreChange> changes)
    {
        if (changes.Any(static change => change.Kind == StoreChangeKind.Key))
            Wake();
    }

    void IChangeListener.Lost() => Wake();

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        keys.ShareAmong(cluster.LiveInstances);
        await keys.RefreshAsync(stopping);
        if (Time.GetElapsedTime(_savedAt) < SaveEvery)
            return;
        _savedAt = Time.GetTimestamp();
        await keys.SaveUsesAsync(stopping);
    }

    protected override Task LastRoundAsync(CancellationToken cancellationToken) => keys.SaveUsesAsync(cancellationToken);

    protected override void Report(GenApiException fault) => Log.CannotRead(Logger, fault);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The API keys can't be read; the known ones stay as they are")]
        public static partial void CannotRead(ILogger logger, Exception fault);
    }
}
