using GenApi.Core.Generations.Queueing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Queued, sent, its answer not seen, and now a webhook: its address carries our id, so the prediction is ours for certain and no list need be asked. This holds
/// after the settling time too, when the generation was about to be sent again.
/// </summary>
internal sealed partial class FoundStep(GenerationStateWriter saves, IOptions<GenerationOptions> options, ILogger<FoundStep> logger)
{
    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        if (run.TakeHeard() is not { } heard)
            return TimeSpan.Zero;
        var longest = TimeSpan.FromSeconds(options.Value.MaxRunSeconds);
        // A search may have given it to a generation that asked for the same.
        if (!await saves.ClaimAsync(run, heard.Id, row => row.MarkFound(heard.Id, run.Now, longest), stopping))
            return TimeSpan.Zero;
        Log.Found(logger, run.Generation.PublicId, heard.Id);
        run.Failures = 0;
        run.IsTold = true;
        run.News = heard;
        return TimeSpan.Zero;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A webhook has told prediction {PredictionId} of {GenerationId}, whose creation had not been answered")]
        public static partial void Found(ILogger logger, string generationId, string predictionId);
    }
}
