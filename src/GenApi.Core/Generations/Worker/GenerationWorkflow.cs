using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Polling;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Recovery;

namespace GenApi.Core.Generations.Worker;

/// <summary>
/// One step forward from any state, safe to repeat: what a row says is all that is needed to go on, whoever wrote it and however its writer
/// ended.
/// </summary>
internal sealed class GenerationWorkflow(SubmitStep submit, FoundStep found, OrphanSearch orphans, PollStep look, StoreStep store)
{
    /// <returns>How long to wait before the next step; zero: none.</returns>
    public Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping) => run.Generation switch
    {
        { Status: GenerationStatus.Queued, Attempts: > 0 } when run.HasHeard => found.AdvanceAsync(run, stopping),
        { IsUncertain: true } => orphans.AdvanceAsync(run, stopping),
        { Status: GenerationStatus.Queued } => submit.AdvanceAsync(run, stopping),
        { Status: GenerationStatus.Starting or GenerationStatus.Processing } => look.AdvanceAsync(run, stopping),
        { Status: GenerationStatus.Storing } => store.AdvanceAsync(run, stopping),
        _ => Task.FromResult(TimeSpan.Zero),
    };
}
