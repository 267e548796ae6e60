using GenApi.Core.Accounts.Keys;

namespace GenApi.Accounts.Entrance;

/// <summary>Says at start when the webhook secrets of keys are others than before, as after a restore without the file they come from: receivers would refuse everything, and nobody would know why.</summary>
internal sealed partial class SecretsCheck(AccountSecrets secrets, ILogger<SecretsCheck> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (secrets.AreOthersThanBefore)
            Log.Others(logger);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The file webhook-root-key was gone from the data directory and was made anew: the webhook secret of every API key is another one now. Put back the file that was kept, and restart; or hand out the new secrets (GET /accounts/me/webhook-secret)")]
        public static partial void Others(ILogger logger);
    }
}
