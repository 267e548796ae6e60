using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Polling;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Recovery;

namespace GenApi.Core.Generations.Worker;

/// <summary>
/// Takes one step forward from any state. Each step is safe to repeat, because the row is all that it needs, whichever process wrote it and
/// however that ended.
/// </summary>
internal sealed class GenerationWorkflow(SubmitStep submit, FoundStep found, OrphanSearch orphans, PollStep poll, StoreStep store)
{
    /// <returns>How long to wait before the next step; zero: none.</returns>
    public Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping) => run.Generation switch
    {
        { Status: GenerationStatus.Queued } when run.MustSend => submit.AdvanceAsync(run, stopping),
        { Status: GenerationStatus.Queued, Attempts: > 0 } when run.HasReceived => found.AdvanceAsync(run, stopping),
        { IsUncertain: true } => orphans.AdvanceAsync(run, stopping),
        { Status: GenerationStatus.Queued } => submit.AdvanceAsync(run, stopping),
        _ when run.Unsaved is not null => store.AdvanceAsync(run, stopping),
        { Status: GenerationStatus.Starting or GenerationStatus.Processing } => poll.AdvanceAsync(run, stopping),
        { Status: GenerationStatus.Storing } => store.AdvanceAsync(run, stopping),
        _ => Task.FromResult(TimeSpan.Zero),
    };
}
