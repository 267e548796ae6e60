using GenApi.Core.Models.Timings;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// The output that a run has left at the upstream, as long as no save has recorded it. It may be forgotten: the prediction is read again
/// then.
/// </summary>
/// <param name="Content">The output.</param>
/// <param name="Logs">The whole log; null: there is none.</param>
/// <param name="Ran">The upstream's report on the run.</param>
/// <param name="At">The time at which the end was seen.</param>
/// <param name="Measured">What its times teach about its model; null: nothing.</param>
internal sealed record UnsavedOutput(OutputContent Content, string? Logs, Ran Ran, DateTimeOffset At, ModelRun? Measured)
{
    /// <summary>Records it, unless the generation was canceled before.</summary>
    /// <returns>False: the generation is canceled now.</returns>
    public bool RecordIn(Generation row)
    {
        if (row.CancelRequestedAt is not null)
        {
            row.MarkCanceled(At, Logs, Ran);
            return false;
        }
        row.MarkStoring(Content, Logs, Ran, At);
        return true;
    }

    /// <summary>Makes a copy of the row in which it is recorded.</summary>
    public Generation RecordedIn(Generation row)
    {
        var copy = row.Copy();
        copy.MarkStoring(Content, Logs, Ran, At);
        return copy;
    }
}
