using GenApi.Core.Generations.Queueing;

namespace GenApi.Core.Generations.Removal;

/// <summary>Does what follows the end of a generation, once its terminal status is on the disk.</summary>
internal sealed class GenerationFinisher(
    OpenGenerations open, GenerationGauges gauges, RunLog log, RunFiles files, GenerationRemover remover)
{
    /// <summary>
    /// Counts and logs the end, and lets the input files go. A generation that its owner deleted while it ran is removed.
    /// </summary>
    public async Task FinishedAsync(Generation generation, CancellationToken cancellationToken)
    {
        open.Ended(generation.Id);
        gauges.Finished(generation);
        log.Ended(generation);
        await files.EndedAsync(generation);
        if (generation.DeleteRequestedAt is not null)
            await remover.RemoveAsync(generation.Id, cancellationToken);
    }
}
