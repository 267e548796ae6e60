using GenApi.Core.Background;
using GenApi.Core.Errors;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Access;

/// <summary>Writes the grants of hits at once: while one batch is written the next one gathers.</summary>
internal sealed partial class GrantKeeper(
    GenerationGrants grants, TimeProvider time, ILogger<GrantKeeper> logger) : BackgroundLoop(time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override Task RestAsync(CancellationToken stopping) =>
        IsWell ? grants.GrantedAsync(stopping) : Task.Delay(Pause, Time, stopping);

    protected override Task WorkAsync(CancellationToken stopping) => grants.SaveAsync(stopping);

    protected override Task LastRoundAsync(CancellationToken cancellationToken) => grants.SaveAsync(cancellationToken);

    protected override void Report(GenApiException fault) => Log.NotSaved(Logger, fault);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Could not record which accounts were given which answers; trying again every second")]
        public static partial void NotSaved(ILogger logger, Exception fault);
    }
}
