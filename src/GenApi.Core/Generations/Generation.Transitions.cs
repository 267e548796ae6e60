using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Core.Generations;

public sealed partial class Generation
{
    /// <summary>SDXL's whole log has some 5,000 characters. A longer one loses its beginning.</summary>
    public const int MostLogCharacters = 64 * 1024;

    private const int MostErrorCharacters = 2000;

    /// <summary>The shortest <c>Cancel-After</c> that Replicate takes.</summary>
    private static readonly TimeSpan ShortestRun = TimeSpan.FromSeconds(5);

    /// <summary>Makes a new row, of which nothing is sent yet.</summary>
    internal static Generation Accept(NewGeneration made, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        OwnerId = made.OwnerId,
        Revision = 1,
        Status = GenerationStatus.Queued,
        Model = made.Model,
        Version = made.Version,
        Upstream = made.Upstream,
        Prompt = made.Prompt,
        Input = made.Input,
        InputFiles = made.InputFiles,
        Seed = made.Seed,
        Metadata = made.Metadata,
        CacheKey = made.CacheKey,
        ReuseKey = made.ReuseKey,
        FlightKey = made.FlightKey,
        Door = made.Door,
        EndUser = made.EndUser,
        Fingerprint = made.Fingerprint,
        DeadlineAt = now + made.CancelAfter,
        Work = made.Work,
        Price = made.Estimate?.Price.ToText(),
        ExpectedMicros = made.IsFree ? 0 : made.Estimate?.ExpectedUsd is { } expected ? MicroDollars.Of(expected) : null,
        EstimatedMicros = made.WorstMicros,
        IsFree = made.IsFree,
        CreatedAt = now,
        UsedOn = DayOf(now),
    };

    internal void SetTraceParent(string? traceParent) => TraceParent = traceParent;

    internal void Claim(Lease lease) => Lease = Lease.ClaimedAs(lease);

    /// <summary>Records the intent, before the POST. Until the answer is saved, a creation may have happened.</summary>
    /// <param name="now">The time.</param>
    /// <param name="upstreamNow">The same by the upstream's clock.</param>
    /// <param name="longestRun">The time after which the upstream ends the run by itself.</param>
    internal void MarkSubmitting(DateTimeOffset now, DateTimeOffset upstreamNow, TimeSpan longestRun)
    {
        Require(Status == GenerationStatus.Queued && SubmittingAt is null);
        if (DeadlineAt - now is { } left && left < longestRun)
            longestRun = left > ShortestRun ? TimeSpan.FromSeconds(Math.Floor(left.TotalSeconds)) : ShortestRun;
        var longest = RunLimit.Of(Id, longestRun);
        // Sent again, a run with an early end keeps it, so that no request joins a run that its caller's deadline is about to end.
        if (FlightKey is null && CancelAfterSeconds < longest.TotalSeconds)
            longest = TimeSpan.FromSeconds(CancelAfterSeconds.Value);
        SubmittingAt = upstreamNow;
        DeadlineAt = now + longest;
        CancelAfterSeconds = (int)longest.TotalSeconds;
        Attempts++;
    }

    /// <summary>
    /// Records that the upstream surely made nothing of it (it refused, or a search found nothing), so it may be sent. A prediction that
    /// the sandbox has forgotten comes back here too: it cost nothing, and a sandbox inside this process forgets when the process ends.
    /// The caller's own deadline is forgotten with it, because the door that set it ends the generation then. The next run gets the same
    /// limit (<see cref="CancelAfterSeconds"/>).
    /// </summary>
    internal void MarkNotSubmitted()
    {
        Require(IsUncertain || (Upstream == "sandbox" && Status is GenerationStatus.Starting or GenerationStatus.Processing));
        Status = GenerationStatus.Queued;
        SubmittingAt = null;
        DeadlineAt = null;
        PredictionId = null;
        AcceptedAt = null;
        StartedAt = null;
        IsColdStart = null;
    }

    /// <summary>Puts it back into the queue, as if it had not been sent, because the upstream had no room for it at this moment.</summary>
    internal void PutBack()
    {
        MarkNotSubmitted();
        Attempts--;
        Lease = Lease.Released;
    }

    internal void MarkAccepted(string predictionId, DateTimeOffset now)
    {
        Require(IsUncertain);
        Status = GenerationStatus.Starting;
        PredictionId = predictionId;
        AcceptedAt = now;
    }

    /// <summary>
    /// Records a prediction that a webhook has reported while the generation was uncertain, or after the creation counted as never made.
    /// Nothing more is sent.
    /// </summary>
    internal void MarkFound(string predictionId, DateTimeOffset now, TimeSpan longestRun)
    {
        Require(Status == GenerationStatus.Queued && Attempts > 0);
        SubmittingAt ??= now;
        DeadlineAt ??= now + longestRun;
        MarkAccepted(predictionId, now);
    }

    /// <summary>Records what a poll of the running prediction showed.</summary>
    /// <param name="isRunning">Whether the model runs.</param>
    /// <param name="startedAt">By the row's clock; null: not known yet.</param>
    /// <param name="isColdStart">As judged by the time until then; null with <paramref name="startedAt"/>.</param>
    /// <param name="logs">The whole log so far.</param>
    /// <param name="progress">As read from the log.</param>
    /// <returns>False when nothing is new, so that nothing needs to be saved.</returns>
    internal bool Observe(bool isRunning, DateTimeOffset? startedAt, bool? isColdStart, string? logs, (int Current, int Total)? progress)
    {
        Require(Status is GenerationStatus.Starting or GenerationStatus.Processing);
        var changed = false;
        // Reports can come out of order: a running one does not go back to starting.
        if (isRunning && Status == GenerationStatus.Starting)
        {
            Status = GenerationStatus.Processing;
            changed = true;
        }
        if (startedAt is not null && StartedAt is null)
        {
            StartedAt = startedAt;
            IsColdStart = isColdStart;
            changed = true;
        }
        return SetLogs(logs, progress) || changed;
    }

    internal void MarkStoring(OutputContent output, string? logs, Ran ran, DateTimeOffset now)
    {
        Require(Status is GenerationStatus.Starting or GenerationStatus.Processing);
        Status = GenerationStatus.Storing;
        Outputs = JsonSerializer.Serialize(output.Files);
        Output = OutputDocument.Write(output);
        OutputCount = output.Files.Count;
        StoringAt = now;
        SetLogs(logs, null);
        SetRun(ran);
        if (ProgressTotal is not null)
            ProgressCurrent = ProgressTotal;
    }

    /// <summary>Records how many files are images, once they have been fetched.</summary>
    /// <param name="images">Images, and files that could not be fetched, which may have been images.</param>
    internal void CountImages(int images) => OutputCount = Math.Max(images, CountedImages ?? 0);

    /// <summary>Records why a file could not be fetched or stored. It is tried again, and callers see why it takes so long.</summary>
    internal void NoteFault(GenApiException fault)
    {
        Require(Status == GenerationStatus.Storing);
        SetError(fault.Kind, fault.Message);
    }

    /// <param name="now">The time.</param>
    /// <param name="pixels">Of all images of the run; null: not known.</param>
    internal void MarkSucceeded(DateTimeOffset now, long? pixels)
    {
        Require(Status == GenerationStatus.Storing);
        IsAnswer = !IsKeepWarm;
        ErrorCode = ErrorMessage = null;
        End(GenerationStatus.Succeeded, now, pixels);
    }

    /// <summary>Ends it as refused for its input, by the upstream before anything was made or by the run itself.</summary>
    internal void MarkRefused(GenApiException fault, DateTimeOffset now, string? logs = null, Ran ran = default)
    {
        ErrorMembers = fault.Errors.Count > 0 ? JsonSerializer.Serialize(fault.Errors) : null;
        MarkFailed(fault.Kind, fault.Message, now, logs, ran);
    }

    /// <summary>Ends it as failed.</summary>
    /// <param name="kind">Why.</param>
    /// <param name="message">The same for callers.</param>
    /// <param name="now">The time.</param>
    /// <param name="logs">The whole log, where there is one.</param>
    /// <param name="ran">What the upstream reported of the run.</param>
    /// <param name="pixels">Of all images of the run, which are billed whatever became of them; null: not known.</param>
    internal void MarkFailed(
        ErrorKind kind, string message, DateTimeOffset now, string? logs = null, Ran ran = default, long? pixels = null)
    {
        SetError(kind, message);
        SetLogs(logs, null);
        SetRun(ran);
        End(GenerationStatus.Failed, now, pixels);
    }

    /// <inheritdoc cref="MarkFailed"/>
    internal void MarkCanceled(DateTimeOffset now, string? logs = null, Ran ran = default, long? pixels = null)
    {
        ErrorCode = ErrorMessage = null;
        SetLogs(logs, null);
        SetRun(ran);
        End(GenerationStatus.Canceled, now, pixels);
    }

    /// <summary>Moves the revision on, which every save does; see <c>GenerationStateWriter</c>.</summary>
    internal void Touch() => Revision++;

    /// <summary>Makes a copy to work on, while this one stays as it was last seen.</summary>
    internal Generation Copy() => (Generation)MemberwiseClone();

    private void End(GenerationStatus terminal, DateTimeOffset now, long? pixels)
    {
        Require(!Status.IsTerminal());
        Status = terminal;
        CompletedAt = now;
        UsedOn = DayOf(now);
        CostMicros = Bill(now, pixels);
        IsFree &= CostMicros != 0;
        if (IsFree)
            CostMicros = 0;
        // Data URIs can be megabytes, and links die within the hour.
        Outputs = null;
        Lease = Lease.Released;
    }

    private void SetError(ErrorKind kind, string message)
    {
        ErrorCode = ErrorCodes.Of(kind);
        ErrorMessage = Characters.Cut(message, MostErrorCharacters);
    }

    private bool SetLogs(string? logs, (int Current, int Total)? progress)
    {
        var changed = false;
        if (logs is { Length: > 0 } && logs != Logs)
        {
            Logs = logs[Math.Max(0, logs.Length - MostLogCharacters)..];
            changed = true;
        }
        // A second bar (a refiner's) starts over, but the progress that callers see only grows.
        if (progress is { } seen
            && (ProgressTotal is not { } total || (double)seen.Current / seen.Total > (double)ProgressCurrent!.Value / total))
        {
            (ProgressCurrent, ProgressTotal) = (seen.Current, seen.Total);
            changed = true;
        }
        return changed;
    }

    private void SetRun(Ran ran)
    {
        PredictSeconds = ran.PredictSeconds ?? PredictSeconds;
        UpstreamSeconds = ran.TotalSeconds ?? UpstreamSeconds;
        StartedAt ??= ran.StartedAt;
        IsColdStart ??= ran.IsColdStart;
        UpstreamEnding = ran.Ending ?? UpstreamEnding;
        CountedImages = ran.Images ?? CountedImages;
        if (CountedImages > (OutputCount ?? 0))
            OutputCount = CountedImages;
    }

    private void Require(bool legal)
    {
        if (!legal)
            throw new InvalidOperationException(
                $"{PublicId} is {Status} (submitting since {SubmittingAt:O}): this step is not legal there.");
    }
}

/// <summary>The upstream's report on a run at its end. Each value is null if the upstream did not report it.</summary>
/// <param name="Ending">A terminal status.</param>
/// <param name="PredictSeconds">How long the model ran, as the upstream measured.</param>
/// <param name="TotalSeconds">The same with queueing and booting.</param>
/// <param name="StartedAt">By the clock of the row.</param>
/// <param name="Images">How many images it counts; official models only.</param>
/// <param name="IsColdStart">Whether a machine had to boot, as judged by the start.</param>
internal readonly record struct Ran(
    PredictionStatus? Ending, double? PredictSeconds, double? TotalSeconds, DateTimeOffset? StartedAt, int? Images, bool? IsColdStart);
