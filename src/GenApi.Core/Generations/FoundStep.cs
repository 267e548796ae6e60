using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations;

/// <summary>
/// Queued, sent, its answer not seen, and now a webhook: its address carries our id, so the prediction is ours for certain and no list need be asked. This holds
/// after the settling time too, when the generation was about to be sent again.
/// </summary>
internal sealed partial class FoundStep(
    GenerationSaves saves, IDbContextFactory<GenApiDbContext> contexts, IOptions<GenerationOptions> options, ILogger<FoundStep> logger)
{
    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        if (run.TakeHeard() is not { } heard)
            return TimeSpan.Zero;
        // Where a model takes no seed, the search may have given it to a generation that asked for the same.
        if (await contexts.ReadAsync(db => db.Set<Generation>().AnyAsync(row => row.PredictionId == heard.Id, stopping), stopping))
        {
            Log.Owned(logger, run.Generation.Id, heard.Id);
            return TimeSpan.Zero;
        }
        Log.Found(logger, run.Generation.Id, heard.Id);
        run.Failures = 0;
        run.IsTold = true;
        run.News = heard;
        run.Generation = await saves.SaveSurelyAsync(
            run.Generation, row => row.MarkFound(heard.Id, run.Now, TimeSpan.FromSeconds(options.Value.MaxRunSeconds)), stopping);
        return TimeSpan.Zero;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A webhook has told prediction {PredictionId} of {Id}, whose creation had not been answered")]
        public static partial void Found(ILogger logger, Guid id, string predictionId);

        [LoggerMessage(2, LogLevel.Warning, "A webhook tells of {Id} that it is prediction {PredictionId}, which another generation has taken for its own")]
        public static partial void Owned(ILogger logger, Guid id, string predictionId);
    }
}
