using GenApi.Core.Errors;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Images.Library;
using GenApi.Core.Models.Timings;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;
using GenApi.Core.Webhooks;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Records that a run has ended at the upstream, and what its times teach about its model, in one save. A single file that nobody waits to
/// see stored is fetched first, and its storing recorded together with its end.
/// </summary>
internal sealed partial class EndStep(
    GenerationStateWriter states, PollSchedule schedule, ModelTimes times, ImageLibrary images, ReplicateUpstream upstream,
    ILogger<EndStep> logger)
{
    /// <summary>
    /// The longest time between a run's end and our deadline at which the end still counts as the upstream's own time-out.
    /// </summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private const string Overdue = "The run did not end in the time allowed.";

    public async Task EndAsync(GenerationRun run, Prediction prediction, CancellationToken stopping)
    {
        var now = run.Now;
        var generation = run.Generation;
        var output = prediction.Status == PredictionStatus.Succeeded ? await FindAsync(run, prediction, stopping) : OutputContent.None;
        var measured = await MeasureAsync(run, prediction, !output.IsEmpty, now, stopping);
        var ran = Ran(run, prediction, prediction.Status, measured?.IsCold);
        if (!output.IsEmpty)
        {
            run.Unsaved = new(output, prediction.Logs, ran, now, measured);
            // Only where this process has sent it: an earlier one may have fetched the file, and died before its save.
            run.IsNewlyStoring = run.SentAt is not null;
            if (!MayFetchFirst(generation, output))
                await RecordAsync(run, stopping);
            return;
        }
        run.Generation = await states.SaveAsync(generation, row =>
        {
            if (row.CancelRequestedAt is not null)
                row.MarkCanceled(now, prediction.Logs, ran);
            else
            {
                var (kind, message) = Verdict(row, prediction, now);
                if (kind == ErrorKind.UpstreamFailed && InputFault.Read(message, row.Input) is { } fault)
                    row.MarkRefused(fault, now, prediction.Logs, ran);
                else
                    row.MarkFailed(kind, message, now, prediction.Logs, ran);
            }
            return true;
        }, (db, token) => measured?.InsertAsync(db, token) ?? Task.CompletedTask, stopping);
        await LearnAsync(measured, stopping);
    }

    /// <summary>Records the output of a run before its files are fetched; or that it was canceled, and nothing is fetched.</summary>
    public async Task RecordAsync(GenerationRun run, CancellationToken stopping)
    {
        var unsaved = run.Unsaved!;
        run.Generation = await states.SaveAsync(run.Generation, row =>
        {
            unsaved.RecordIn(row);
            return true;
        }, (db, token) => unsaved.Measured?.InsertAsync(db, token) ?? Task.CompletedTask, stopping);
        await RecordedAsync(run, stopping);
    }

    /// <summary>Learns from the times of a run whose output was recorded.</summary>
    public async Task RecordedAsync(GenerationRun run, CancellationToken stopping)
    {
        if (run.Unsaved is not { } saved)
            return;
        run.Unsaved = null;
        run.IsNewlyStoring &= run.Generation.Status == GenerationStatus.Storing;
        await LearnAsync(saved.Measured, stopping);
    }

    /// <summary>
    /// Ends a run past its deadline that never says it ended. If its files are there they are stored, because they are paid for.
    /// </summary>
    public async Task OverdueAsync(GenerationRun run, Prediction prediction, CancellationToken stopping)
    {
        var now = run.Now;
        var output = Read(run.Generation, prediction);
        run.Generation = await states.SaveAsync(run.Generation, row =>
        {
            if (row.CancelRequestedAt is null && output.Files.Count > 0)
                row.MarkStoring(output, prediction.Logs, Ran(run, prediction, PredictionStatus.Succeeded, null), now);
            else if (row.CancelRequestedAt is not null)
                row.MarkCanceled(now, prediction.Logs, Ran(run, prediction, null, null));
            else
                row.MarkFailed(
                    ErrorKind.UpstreamTimeout, Overdue, now, prediction.Logs, Ran(run, prediction, null, null));
        }, stopping);
    }

    /// <summary>
    /// The time of queueing and booting, by the upstream's own clock where it gives both ends; null when the model has not started.
    /// </summary>
    public static TimeSpan? Starting(GenerationRun run, Prediction prediction)
    {
        var span = prediction is { TotalSeconds: { } total, PredictSeconds: { } predict }
            ? TimeSpan.FromSeconds(total - predict)
            : prediction.CreatedAt is { } created ? prediction.StartedAt - created : StartedAt(run, prediction) - run.Generation.AcceptedAt;
        return span < TimeSpan.Zero ? TimeSpan.Zero : span;
    }

    /// <summary>
    /// The time at which the model began, on the row's clock: as long after the acceptance as the upstream says it was after the creation.
    /// The two clocks may differ by hours, so the result is kept between the acceptance and now.
    /// </summary>
    public static DateTimeOffset? StartedAt(GenerationRun run, Prediction prediction)
    {
        if (prediction.StartedAt is not { } started)
            return null;
        var (accepted, now) = (run.Generation.AcceptedAt ?? run.Generation.CreatedAt, run.Now);
        var span = started - ((prediction.CreatedAt ?? run.PredictionCreatedAt) ?? accepted);
        return span <= TimeSpan.Zero ? accepted : span >= now - accepted ? now : accepted + span;
    }

    private async Task LearnAsync(ModelRun? measured, CancellationToken stopping)
    {
        if (measured is { IsInserted: true })
            await times.RememberAsync(measured, stopping);
    }

    /// <summary>
    /// Returns whether the file may be fetched before its address is recorded. After a crash the prediction shows the address again. A
    /// caller who follows the steps of a run is shown this one too.
    /// </summary>
    private bool MayFetchFirst(Generation generation, OutputContent output) =>
        output is { Files.Count: 1, Values: null } && generation is { CancelRequestedAt: null, Listeners: WebhookEvents.None }
        && !schedule.IsWatched(generation);

    private async ValueTask<ModelRun?> MeasureAsync(
        GenerationRun run, Prediction prediction, bool hasOutput, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var generation = run.Generation;
        var starting = Starting(run, prediction);
        if (generation.AcceptedAt is not { } accepted || (starting is null && !hasOutput))
            return null;
        return await times.MeasureAsync(new EndedRun(
            generation.Model, generation.Version, now - accepted, starting, prediction.PredictSeconds,
            PollSchedule.Duration(accepted, now, prediction.TotalSeconds), generation.Work, hasOutput && !generation.IsKeepWarm),
            cancellationToken);
    }

    private static Ran Ran(GenerationRun run, Prediction prediction, PredictionStatus? ending, bool? isCold) => new(
        ending, prediction.PredictSeconds, prediction.TotalSeconds, StartedAt(run, prediction), prediction.ImageCount, isCold);

    /// <summary>
    /// Finds the output: what the upstream says, or the file that an earlier process had fetched before the upstream removed it.
    /// </summary>
    private async ValueTask<OutputContent> FindAsync(GenerationRun run, Prediction prediction, CancellationToken cancellationToken)
    {
        var output = Read(run.Generation, prediction);
        if (!output.IsEmpty || run.SentAt is not null)
            return output;
        await using var fetched = await images.OpenStagedAsync(run.Generation.Id, 0, cancellationToken);
        return fetched is null ? output : OutputContent.Fetched;
    }

    private OutputContent Read(Generation generation, Prediction prediction)
    {
        // Our own files appear as ids in our record of the input, and as addresses in the upstream's.
        var content = OutputContent.Read(prediction.Output, upstream.DeliveryHosts, generation.Input + prediction.Input?.GetRawText());
        // A link in a text is nothing strange. An output of nothing but foreign addresses may point to a new host of the upstream.
        if (content.Files.Count == 0 && content.ForeignHosts.Count > 0)
            Log.ForeignHosts(logger, generation.PublicId, string.Join(", ", content.ForeignHosts.Take(5)));
        return content;
    }

    private static (ErrorKind Kind, string Message) Verdict(Generation row, Prediction prediction, DateTimeOffset now) =>
        prediction.Status switch
        {
            PredictionStatus.Succeeded when prediction.DataRemoved =>
                (ErrorKind.UpstreamNoOutput, "The model succeeded, but the upstream had removed its files before they could be fetched."),
            PredictionStatus.Succeeded => (ErrorKind.UpstreamNoOutput, "The model succeeded without any output."),
            PredictionStatus.Failed => UpstreamVerdict.Of(prediction.Error, prediction.Logs),
            _ when row.DeadlineAt is { } deadline && now >= deadline - Grace => (ErrorKind.UpstreamTimeout, Overdue),
            PredictionStatus.Aborted => (ErrorKind.UpstreamFailed, "The upstream ended the run before it started."),
            _ => (ErrorKind.UpstreamFailed, "Somebody else canceled the run at the upstream."),
        };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The output of {GenerationId} has no file, but addresses at {Hosts}, which Replicate:DeliveryHosts does not name. They were "
            + "stored as text")]
        public static partial void ForeignHosts(ILogger logger, string generationId, string hosts);
    }
}
