using GenApi.Core.Cluster;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Signals;

namespace GenApi.Core.Generations.Worker;

/// <summary>
/// Brings what other instances have written to the runs of this one: cancels, listeners, and rows that wait for any instance. The worker
/// notices cancels and rows by itself a little later, because the rows are the truth.
/// </summary>
internal sealed class WorkElsewhere(
    GenerationWorker worker, GenerationQueue queue, GenerationTimelines timelines, ListenersElsewhere listeners) : IChangeListener
{
    void IChangeListener.Changed(IReadOnlyList<StoreChange> changes)
    {
        var mayWait = false;
        foreach (var change in changes)
        {
            if (change.Kind == StoreChangeKind.Cancel)
                worker.Nudge(change.Subject);
            else if (change.Kind == StoreChangeKind.Followed)
                Follow(change);
            else if (change.IsOfWaitingGeneration())
                mayWait = true;
            else if ((change.IsOfGenerationAtEnd() || change.Kind == StoreChangeKind.GenerationRemoved) && !worker.Walks(change.Subject))
                timelines.End(change.Subject);
        }
        if (mayWait)
            LookForWork();
    }

    void IChangeListener.Lost()
    {
        var walked = worker.Walked;
        foreach (var id in walked)
            worker.Nudge(id);
        // Some of the others have ended meanwhile. An open one that is forgotten only goes on with the wall clock.
        timelines.EndAllBut(walked);
        LookForWork();
    }

    /// <summary>With somebody watching, the next poll comes sooner than it was planned.</summary>
    private void Follow(StoreChange change)
    {
        if (listeners.Report(change.Account ?? change.Subject) && change.Account is null)
            worker.Nudge(change.Subject);
    }

    private void LookForWork()
    {
        queue.MayWait();
        worker.Wake();
    }
}
