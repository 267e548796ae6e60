using System.Collections.Concurrent;
using GenApi.Core.Background;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Worker;

/// <summary>
/// Takes up open generations, as <see cref="InFlightLimit"/> gives them, and walks each to its end. The queue is the rows; what is in memory here may be
/// lost at any moment.
/// </summary>
public sealed partial class GenerationWorker : BackgroundLoop
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Unexpected failures in a row, with pauses up to half a minute: a defect of ours must not keep a caller waiting for ever.</summary>
    private const int MostUnexpected = 12;

    /// <summary>For what was given up at a stop to come to its end.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);

    // Never disposed of: it has no timer, and where a host is stopped twice at once the container goes while the slower stop still needs it.
    private readonly CancellationTokenSource _abandon = new();
    private readonly ConcurrentDictionary<Guid, (GenerationRun Run, Task Task)> _runs = new();
    private readonly InFlightLimit _places;
    private readonly GenerationWorkflow _workflow;
    private readonly GenerationStateWriter _saves;
    private bool _hasTakenOver;
    private bool _isTidy;
    private long _lastBeat;
    private long _lastBeatStamp;

    internal GenerationWorker(
        InFlightLimit places, GenerationWorkflow workflow, GenerationStateWriter saves, TimeProvider time, ILogger<GenerationWorker> logger)
        : base(time, logger, Beat)
    {
        _places = places;
        _workflow = workflow;
        _saves = saves;
    }

    /// <summary>When the worker last went round; it does so every second, so an old beat means that it hangs.</summary>
    public DateTimeOffset? LastBeatAt => Volatile.Read(ref _lastBeat) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>How long ago that was, whatever the wall clock was set to since; null: never.</summary>
    public TimeSpan? SinceLastBeat => LastBeatAt is null ? null : Time.GetElapsedTime(Volatile.Read(ref _lastBeatStamp));

    /// <summary>Something happened to this one that is worth a step at once.</summary>
    internal void Nudge(Guid id)
    {
        if (_runs.TryGetValue(id, out var entry))
            entry.Run.Nudge();
    }

    /// <summary>What a webhook told of one that this process works on.</summary>
    /// <returns>False when it does not.</returns>
    internal bool Hear(Guid id, Prediction prediction)
    {
        if (!_runs.TryGetValue(id, out var entry))
            return false;
        entry.Run.Hear(prediction);
        return true;
    }

    /// <summary>The first round is due at once.</summary>
    protected override Task BeginAsync(CancellationToken stopping)
    {
        Wake();
        return Task.CompletedTask;
    }

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        if (!_hasTakenOver)
        {
            await _places.Queue.TakeOverAsync(stopping);
            _hasTakenOver = true;
        }
        // Rounds that fail by a defect give no beat, so that readiness shows them.
        if (!IsDefective)
        {
            Volatile.Write(ref _lastBeatStamp, Time.GetTimestamp());
            Volatile.Write(ref _lastBeat, Time.GetUtcNow().UtcTicks);
        }
        await _places.Queue.KeepAsync(_saves.Owner, stopping);
        var runs = await _places.FillAsync(_saves.Owner, Wake, stopping);
        foreach (var run in runs)
            Start(run, stopping);
        if (_isTidy || (runs.Count > 0 && _places.Queue.MayBeUnderWay))
            return;
        // What was under way comes first.
        await _places.Queue.TidyAsync(stopping);
        _isTidy = true;
    }

    protected override void Report(GenApiException fault) => Log.CannotClaim(Logger, fault);

    /// <summary>Runs come to rest at their next save; then their leases are given back, so that whoever starts next takes them up at once.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await Task.WhenAll(_runs.Values.Select(entry => entry.Task)).WaitAsync(cancellationToken);
            await _places.Queue.ReleaseAsync(_saves.Owner, CancellationToken.None);
        }
        catch (Exception failure) when (failure is OperationCanceledException or GenApiException)
        {
            Log.StoppedHard(Logger, _runs.Count);
            // A call that is still under way would hold the end of the process up: the pipeline it runs through waits half a minute for it.
            await _abandon.CancelAsync();
            await Task.WhenAny(Task.WhenAll(_runs.Values.Select(entry => entry.Task)), Task.Delay(LastPatience, TimeProvider.System, CancellationToken.None));
        }
    }

    private void Start(GenerationRun run, CancellationToken stopping)
    {
        var id = run.Generation.Id;
        run.Abandoned = _abandon.Token;
        var holdsPlace = run.HoldsPlace;
        if (holdsPlace)
            _places.Take();
        var begin = new TaskCompletionSource();
        var task = Task.Run(async () =>
        {
            await begin.Task;
            await WalkAsync(run, holdsPlace, stopping);
            // One that was put back may have been taken up anew already.
            if (_runs.TryGetValue(id, out var entry) && entry.Run == run)
                _runs.TryRemove(KeyValuePair.Create(id, entry));
        }, CancellationToken.None);
        _runs[id] = (run, task);
        begin.SetResult();
    }

    private async Task WalkAsync(GenerationRun run, bool holdsPlace, CancellationToken stopping)
    {
        var unexpected = 0;
        using var scope = _places.Queue.Log.Begin(run.Generation);
        try
        {
            while (!run.Generation.Status.IsTerminal() && !run.IsPutBack)
            {
                TimeSpan pause;
                try
                {
                    pause = await _workflow.AdvanceAsync(run, stopping);
                    unexpected = 0;
                }
                catch (Exception failure) when (failure is not (OperationCanceledException or LeaseLostException))
                {
                    pause = await FailedAsync(run, failure, ++unexpected, stopping);
                }
                if (holdsPlace && !run.HoldsPlace)
                {
                    holdsPlace = false;
                    FreePlace();
                }
                await run.PauseAsync(pause, Time, stopping);
            }
            if (run.IsPutBack)
                _places.Queue.MayWait();
            else
                await _places.Queue.FinishedAsync(run.Generation, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (LeaseLostException lost)
        {
            Log.LeaseLost(Logger, lost.Message);
        }
        finally
        {
            run.DropRight();
            if (holdsPlace)
                FreePlace();
        }
    }

    private void FreePlace()
    {
        _places.Free();
        Wake();
    }

    private async Task<TimeSpan> FailedAsync(GenerationRun run, Exception failure, int count, CancellationToken stopping)
    {
        Log.StepFailed(Logger, run.Generation.PublicId, count, failure);
        var isExpected = failure is GenApiException { IsTransient: true };
        if (count >= MostUnexpected && !isExpected)
        {
            run.Generation = await _saves.SaveSurelyAsync(
                run.Generation,
                row => row.MarkFailed(ErrorKind.UpstreamBadAnswer, "The generation could not be carried on.", run.Now),
                stopping);
            return TimeSpan.Zero;
        }
        var pause = Beat * Math.Pow(2, Math.Min(count - 1, 10));
        return pause < LongestPause ? pause : LongestPause;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Can't take up generations; trying again every second")]
        public static partial void CannotClaim(ILogger logger, Exception fault);

        [LoggerMessage(2, LogLevel.Error, "A step of {GenerationId} failed ({Count} in a row)")]
        public static partial void StepFailed(ILogger logger, string generationId, int count, Exception failure);

        [LoggerMessage(3, LogLevel.Information, "{Reason}")]
        public static partial void LeaseLost(ILogger logger, string reason);

        [LoggerMessage(4, LogLevel.Warning, "Stopping with {Count} generations in the middle of a step; the next start goes on with them")]
        public static partial void StoppedHard(ILogger logger, int count);
    }
}
