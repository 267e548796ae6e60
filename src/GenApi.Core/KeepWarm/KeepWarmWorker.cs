using GenApi.Core.Background;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.KeepWarm;

/// <summary>
/// Runs the models of <c>Models:Aliases:…:KeepWarm</c> when nobody else has for their period, within their hours and their daily budget. It
/// ends at once when no model is to be kept warm and nothing of earlier days has to be cleared. Of several instances only the leader does
/// it.
/// </summary>
internal sealed partial class KeepWarmWorker(
    KeepWarmPlan plan, KeepWarmRecipes recipes, KeepWarmRuns runs, ILeadership leadership, TimeProvider time, SteadyClock clock,
    IHostApplicationLifetime lifetime, ILogger<KeepWarmWorker> logger)
    : BackgroundLoop(time, logger)
{
    internal static readonly TimeSpan Beat = TimeSpan.FromSeconds(15);

    /// <summary>The pause after a failure: an upstream that is down is not asked about its models at every beat.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>One task for each unfinished run; each ends with its run.</summary>
    private readonly Dictionary<Guid, Task> _waits = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await base.ExecuteAsync(ended.Token);
    }

    /// <summary>The loop rests before its first round as well: what a start has to do for callers comes first.</summary>
    protected override async Task RestAsync(CancellationToken stopping)
    {
        await Task.WhenAny([Task.Delay(Beat, Time, stopping), .. _waits.Values]);
        stopping.ThrowIfCancellationRequested();
        // Before the round: one that fails must not find an ended wait again, or the loop would not rest.
        foreach (var done in _waits.Where(wait => wait.Value.IsCompleted).Select(wait => wait.Key).ToList())
            _waits.Remove(done);
    }

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        if (!leadership.IsLeader)
            return;
        var unfinished = await RoundAsync(stopping);
        if (plan.Targets.Count == 0 && unfinished.Count == 0)
            End();
        foreach (var id in unfinished)
            _waits.TryAdd(id, runs.WaitAsync(id, stopping));
    }

    /// <summary>Clears what has ended, and runs what is due.</summary>
    /// <returns>The generations that have not ended.</returns>
    internal async Task<IReadOnlyList<Guid>> RoundAsync(CancellationToken cancellationToken)
    {
        await runs.ClearAsync(cancellationToken);
        foreach (var target in plan.Targets)
            await PrepareAsync(target, cancellationToken);
        var statuses = await plan.StatusesAsync(cancellationToken);
        foreach (var (target, status) in plan.Targets.Zip(statuses))
        {
            LogHindrance(target, status);
            if (status is { Hindrance: null, NextRunAt: { } next } && next <= Time.GetUtcNow()
                && clock.Now >= target.NotBefore && target.Recipe is { } recipe)
                await RunAsync(target, recipe, cancellationToken);
        }
        return await runs.ClearAsync(cancellationToken);
    }

    protected override void ReportDefect(Exception failure) => Log.RoundFailed(Logger, failure);

    private async Task PrepareAsync(KeepWarmTarget target, CancellationToken cancellationToken)
    {
        if (clock.Now < target.NotBefore)
            return;
        try
        {
            await recipes.PrepareAsync(target, cancellationToken);
        }
        catch (GenApiException fault)
        {
            Postpone(target, fault);
        }
    }

    private async Task RunAsync(KeepWarmTarget target, KeepWarmRecipe recipe, CancellationToken cancellationToken)
    {
        if (await runs.IsInUseAsync(recipe, cancellationToken))
            return;
        try
        {
            if (await runs.BeginAsync(target, recipe, cancellationToken) is not { } id)
                return;
            Log.Begun(Logger, target.Alias, PublicId.Format(PublicId.Generation, id));
            target.BegunAt = clock.Now;
        }
        catch (GenApiException fault)
        {
            Postpone(target, fault);
        }
    }

    private void Postpone(KeepWarmTarget target, GenApiException fault)
    {
        target.Problem = new(fault.Code, fault.Message);
        target.NotBefore = clock.Now + Pause;
    }

    /// <summary>Logs each reason once, and as a warning where only an operator can change it.</summary>
    private void LogHindrance(KeepWarmTarget target, KeepWarmStatus status)
    {
        if (status.Hindrance is { Code: "unfinished" } || target.Logged == status.Hindrance?.Code)
            return;
        target.Logged = status.Hindrance?.Code;
        if (status.Hindrance is not { } hindrance)
            return;
        var level = status.NextRunAt is null ? LogLevel.Warning : LogLevel.Information;
        Log.NotRunning(Logger, level, target.Alias, hindrance.Code, hindrance.Message, status.NextRunAt);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Alias} is run to keep it warm: {GenerationId}")]
        public static partial void Begun(ILogger logger, string alias, string generationId);

        [LoggerMessage(EventId = 2, Message = "{Alias} is not kept warm ({Code}): {Reason} Next run: {NextRunAt}")]
        public static partial void NotRunning(
            ILogger logger, LogLevel level, string alias, string code, string reason, DateTimeOffset? nextRunAt);

        [LoggerMessage(3, LogLevel.Error, "Models could not be kept warm; trying again in a moment")]
        public static partial void RoundFailed(ILogger logger, Exception failure);
    }
}
