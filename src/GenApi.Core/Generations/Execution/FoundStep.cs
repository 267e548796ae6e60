using GenApi.Core.Generations.Queueing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Claims the prediction of a creation whose answer was not seen, when a webhook reports it. The webhook's address carries our id, so the
/// prediction is ours for certain and no list need be read. This also holds after the settling time, when the generation was about to be
/// sent again.
/// </summary>
internal sealed partial class FoundStep(GenerationStateWriter states, IOptions<GenerationOptions> options, ILogger<FoundStep> logger)
{
    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        if (run.ClaimReceived() is not { } received)
            return TimeSpan.Zero;
        var longest = TimeSpan.FromSeconds(options.Value.MaxRunSeconds);
        // A search may have assigned it to a generation that asked for the same.
        if (!await states.ClaimAsync(run, received.Id, row => row.MarkFound(received.Id, run.Now, longest), stopping))
            return TimeSpan.Zero;
        Log.Found(logger, run.Generation.PublicId, received.Id);
        run.Failures = 0;
        run.ExpectsWebhook = true;
        run.FreshPrediction = received;
        return TimeSpan.Zero;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "A webhook reported prediction {PredictionId} of {GenerationId}, whose creation had not been answered")]
        public static partial void Found(ILogger logger, string generationId, string predictionId);
    }
}
