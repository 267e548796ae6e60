using GenApi.Core.Accounts.Keys;

namespace GenApi.Accounts.Entrance;

/// <summary>
/// Warns at start if the webhook secrets of keys have changed, as after a restore without the file that they are derived from. Receivers
/// would refuse every webhook for no visible reason.
/// </summary>
internal sealed partial class SecretsCheck(AccountSecrets secrets, ILogger<SecretsCheck> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (secrets.HaveChanged)
            Log.Others(logger);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The file webhook-root-key was missing from the data directory and was created again, so every API key has a new webhook "
            + "secret. Restore the old file and restart, or hand out the new secrets (GET /accounts/me/webhook-secret)")]
        public static partial void Others(ILogger logger);
    }
}
