using System.Collections.Concurrent;
using GenApi.Core.Background;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Removal;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Worker;

/// <summary>
/// Walks each run that <see cref="RunSource"/> supplies to its end. The rows are the queue, and what is in memory here may be lost at any
/// moment.
/// </summary>
internal sealed partial class GenerationWorker : BackgroundLoop
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The most unexpected failures in a row, with pauses of up to half a minute: a defect of ours must not keep a caller waiting for ever.
    /// </summary>
    private const int MostUnexpected = 12;

    /// <summary>The time that abandoned runs have to end at a stop.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);

    // Never disposed of: it has no timer, and if a host is stopped twice at once, the container goes while the slower stop still needs it.
    private readonly CancellationTokenSource _abandon = new();
    private readonly ConcurrentDictionary<Guid, (GenerationRun Run, Task Task)> _runs = new();
    private readonly StartupTakeover _takeover;
    private readonly RunSource _source;
    private readonly GenerationQueue _queue;
    private readonly GenerationLeases _leases;
    private readonly DirectRuns _direct;
    private readonly InFlightLimit _limit;
    private readonly GenerationWorkflow _workflow;
    private readonly GenerationStateWriter _states;
    private readonly GenerationFinisher _finisher;
    private readonly RunLog _runLog;
    private bool _hasTakenOver;
    private bool _isTidy;
    private long _lastBeat;
    private long _lastBeatStamp;

    public GenerationWorker(
        StartupTakeover takeover, RunSource source, GenerationQueue queue, GenerationLeases leases, DirectRuns direct,
        InFlightLimit limit, GenerationWorkflow workflow, GenerationStateWriter states, GenerationFinisher finisher, RunLog runLog,
        TimeProvider time, ILogger<GenerationWorker> logger)
        : base(time, logger, Beat)
    {
        _takeover = takeover;
        _source = source;
        _queue = queue;
        _leases = leases;
        _direct = direct;
        _limit = limit;
        _workflow = workflow;
        _states = states;
        _finisher = finisher;
        _runLog = runLog;
        // Rows of an instance that is gone are claimed at once.
        leases.Freed = Wake;
        leases.Walked = () => Walked;
    }

    /// <summary>The time of the worker's last round. It makes one every second, so an old beat means that it hangs.</summary>
    public DateTimeOffset? LastBeatAt =>
        Volatile.Read(ref _lastBeat) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>The time since that round, whatever the wall clock was set to since; null: there was none.</summary>
    public TimeSpan? SinceLastBeat => LastBeatAt is null ? null : Time.GetElapsedTime(Volatile.Read(ref _lastBeatStamp));

    /// <summary>Called for each run that an earlier process or another instance may have sent already; it must return at once.</summary>
    internal Action<Guid>? Claimed { get; set; }

    /// <summary>The generations that this process works on.</summary>
    internal IReadOnlyCollection<Guid> Walked => [.. _runs.Keys];

    /// <summary>Returns whether this process works on the generation.</summary>
    internal bool Walks(Guid id) => _runs.ContainsKey(id);

    /// <summary>Takes a step of this generation at once, if this process works on it.</summary>
    public void Nudge(Guid id)
    {
        if (_runs.TryGetValue(id, out var entry))
            entry.Run.Nudge();
    }

    /// <summary>Receives what a webhook reports about a generation.</summary>
    /// <returns>False when this process does not work on it.</returns>
    public bool Receive(Guid id, Prediction prediction)
    {
        if (!_runs.TryGetValue(id, out var entry))
            return false;
        entry.Run.Receive(prediction);
        return true;
    }

    /// <summary>The first round is due at once.</summary>
    protected override Task BeginAsync(CancellationToken stopping)
    {
        Wake();
        _direct.Open(run => Start(run, isCounted: true, stopping));
        return Task.CompletedTask;
    }

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        if (!_hasTakenOver)
        {
            await _takeover.TakeOverAsync(stopping);
            _hasTakenOver = true;
        }
        // Rounds that fail by a defect give no beat, so that readiness shows them.
        if (!IsDefective)
        {
            Volatile.Write(ref _lastBeatStamp, Time.GetTimestamp());
            Volatile.Write(ref _lastBeat, Time.GetUtcNow().UtcTicks);
        }
        var runs = await _source.NextAsync(Wake, stopping);
        foreach (var run in runs)
            Start(run, isCounted: false, stopping);
        if (_isTidy || (runs.Count > 0 && _queue.MayBeUnderWay))
            return;
        // Runs that were under way come first.
        await _takeover.TidyAsync(stopping);
        _isTidy = true;
    }

    protected override void Report(GenApiException fault) => Log.CannotClaim(Logger, fault);

    /// <summary>
    /// Waits until each run has reached its next save, and then releases the leases, so that the next process claims the runs at once.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await _direct.CloseAsync().WaitAsync(cancellationToken);
            await Task.WhenAll(_runs.Values.Select(entry => entry.Task)).WaitAsync(cancellationToken);
            await _leases.ReleaseAsync(CancellationToken.None);
        }
        catch (Exception failure) when (failure is OperationCanceledException or GenApiException)
        {
            Log.StoppedHard(Logger, _runs.Count);
            // A call that is still under way would hold up the end of the process: its pipeline waits half a minute for it.
            await _abandon.CancelAsync();
            await Task.WhenAny(
                Task.WhenAll(_runs.Values.Select(entry => entry.Task)),
                Task.Delay(LastPatience, TimeProvider.System, CancellationToken.None));
        }
    }

    private void Start(GenerationRun run, bool isCounted, CancellationToken stopping)
    {
        var id = run.Generation.Id;
        var isInFlight = run.IsInFlight;
        if (isInFlight && !isCounted)
            _limit.Acquire();
        var begin = new TaskCompletionSource();
        var task = Task.Run(async () =>
        {
            await begin.Task;
            await WalkAsync(run, isInFlight, stopping);
            // A run that was put back may have been claimed again already.
            if (_runs.TryGetValue(id, out var entry) && entry.Run == run)
                _runs.TryRemove(KeyValuePair.Create(id, entry));
        }, CancellationToken.None);
        _runs[id] = (run, task);
        if (run.Generation.Attempts > 0 && !run.MustSend)
            Claimed?.Invoke(id);
        begin.SetResult();
    }

    private async Task WalkAsync(GenerationRun run, bool isInFlight, CancellationToken serviceStopping)
    {
        var unexpected = 0;
        using var scope = _runLog.Begin(run.Generation);
        // With its lease everything of a run ends, a call under way too: it belongs to others.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(serviceStopping, run.Alive);
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(_abandon.Token, run.Alive);
        var stopping = ended.Token;
        run.Abandoned = abandoned.Token;
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
                if (isInFlight && !run.IsInFlight)
                {
                    isInFlight = false;
                    Release();
                }
                await run.PauseAsync(pause, Time, stopping);
            }
            if (run.IsPutBack)
                _queue.MayWait();
            else
                await _finisher.FinishedAsync(run.Generation, stopping);
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
            run.ReleasePermit();
            if (isInFlight)
                Release();
        }
    }

    private void Release()
    {
        _limit.Release();
        // An end makes room only for what waits.
        if (!_queue.IsEmpty)
            Wake();
    }

    private async Task<TimeSpan> FailedAsync(GenerationRun run, Exception failure, int count, CancellationToken stopping)
    {
        Log.StepFailed(Logger, run.Generation.PublicId, count, failure);
        var isExpected = failure is GenApiException { IsTransient: true };
        if (count >= MostUnexpected && !isExpected)
        {
            run.Generation = await _states.SaveWithRetriesAsync(
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
        [LoggerMessage(1, LogLevel.Warning, "Can't claim generations; trying again in a second")]
        public static partial void CannotClaim(ILogger logger, Exception fault);

        [LoggerMessage(2, LogLevel.Error, "A step of {GenerationId} failed ({Count} in a row)")]
        public static partial void StepFailed(ILogger logger, string generationId, int count, Exception failure);

        [LoggerMessage(3, LogLevel.Information, "{Reason}")]
        public static partial void LeaseLost(ILogger logger, string reason);

        [LoggerMessage(4, LogLevel.Warning, "Stopping with {Count} generations in the middle of a step; the next start goes on with them")]
        public static partial void StoppedHard(ILogger logger, int count);
    }
}
