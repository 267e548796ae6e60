using GenApi.Core.Background;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Accounts.Keys;

/// <summary>
/// Loads the keys before anything is served. Afterwards it notices what other processes change, and writes when keys were used last. When
/// the database can't be read, the known keys stay as they are.
/// </summary>
internal sealed partial class KeyWatch(ApiKeys keys, TimeProvider time, ILogger<KeyWatch> logger)
    : BackgroundLoop(time, logger, Beat), IPreparation
{
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>A crash loses at most this much of "last used".</summary>
    private const int BeatsPerSave = 15;

    private int _beat;

    public Task PrepareAsync(CancellationToken cancellationToken) => keys.LoadAsync(cancellationToken);

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        _beat++;
        await keys.RefreshAsync(stopping);
        if (_beat % BeatsPerSave == 0)
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
