using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.KeepWarm;

/// <summary>
/// Runs the models of <c>Models:Aliases:…:KeepWarm</c> when nobody else has for their period, within their hours and their day's money. When nothing is to be
/// kept warm and nothing of earlier days has to be put away, it ends at once.
/// </summary>
internal sealed partial class KeepWarmWorker(
    KeepWarmPlan plan, KeepWarmRecipes recipes, KeepWarmRuns runs, IHostApplicationLifetime lifetime, ILogger<KeepWarmWorker> logger) : BackgroundService
{
    internal static readonly TimeSpan Beat = TimeSpan.FromSeconds(15);

    /// <summary>After a failure: an upstream that is down is not asked about its models with every beat.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        var waits = new Dictionary<Guid, Task>();
        try
        {
            while (true)
            {
                // At first as well: what a start has to do for callers comes before.
                await Task.WhenAny([Task.Delay(Beat, plan.Time, ended.Token), .. waits.Values]);
                ended.Token.ThrowIfCancellationRequested();
                var unfinished = await RoundAsync(ended.Token);
                if (plan.Targets.Count == 0 && unfinished is { Count: 0 })
                    return;
                foreach (var done in waits.Where(wait => wait.Value.IsCompleted).Select(wait => wait.Key).ToList())
                    waits.Remove(done);
                foreach (var id in unfinished ?? [])
                    waits.TryAdd(id, runs.WaitAsync(id, ended.Token));
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The service is stopping, which is how this ends.
        }
    }

    /// <summary>Puts away what has ended, and runs what is due.</summary>
    /// <returns>The generations that have not ended; null: something kept us from looking.</returns>
    internal async Task<IReadOnlyList<Guid>?> RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            await runs.PutAwayAsync(cancellationToken);
            foreach (var target in plan.Targets)
                await PrepareAsync(target, cancellationToken);
            var statuses = await plan.StatusesAsync(cancellationToken);
            foreach (var (target, status) in plan.Targets.Zip(statuses))
            {
                Tell(target, status);
                if (status is { Hindrance: null, NextRunAt: { } next } && next <= plan.Time.GetUtcNow()
                    && plan.Clock.Now >= target.NotBefore && target.Recipe is { } recipe)
                    await RunAsync(target, recipe, cancellationToken);
            }
            return await runs.PutAwayAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // A convenience: whatever is wrong with it must not end the service.
            Log.RoundFailed(logger, failure);
            return null;
        }
    }

    private async Task PrepareAsync(KeepWarmTarget target, CancellationToken cancellationToken)
    {
        if (plan.Clock.Now < target.NotBefore)
            return;
        try
        {
            await recipes.PrepareAsync(target, cancellationToken);
        }
        catch (GenApiException fault)
        {
            Refused(target, fault);
        }
    }

    private async Task RunAsync(KeepWarmTarget target, KeepWarmRecipe recipe, CancellationToken cancellationToken)
    {
        if (await runs.IsInUseAsync(recipe, cancellationToken))
            return;
        try
        {
            Log.Begun(logger, target.Alias, PublicId.Format(PublicId.Generation, await runs.BeginAsync(target, recipe, cancellationToken)));
            target.BegunAt = plan.Clock.Now;
        }
        catch (GenApiException fault)
        {
            Refused(target, fault);
        }
    }

    private void Refused(KeepWarmTarget target, GenApiException fault)
    {
        target.Problem = new(fault.Code, fault.Message);
        target.NotBefore = plan.Clock.Now + Pause;
    }

    /// <summary>Once for each reason, and loudly for what only an operator can change.</summary>
    private void Tell(KeepWarmTarget target, KeepWarmStatus status)
    {
        if (status.Hindrance is { Code: "unfinished" } || target.Logged == status.Hindrance?.Code)
            return;
        target.Logged = status.Hindrance?.Code;
        if (status.Hindrance is { } hindrance)
            Log.NotRunning(logger, status.NextRunAt is null ? LogLevel.Warning : LogLevel.Information, target.Alias, hindrance.Code, hindrance.Message, status.NextRunAt);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Alias} is run to keep it warm: {GenerationId}")]
        public static partial void Begun(ILogger logger, string alias, string generationId);

        [LoggerMessage(EventId = 2, Message = "{Alias} is not kept warm ({Code}): {Reason} Next run: {NextRunAt}")]
        public static partial void NotRunning(ILogger logger, LogLevel level, string alias, string code, string reason, DateTimeOffset? nextRunAt);

        [LoggerMessage(3, LogLevel.Error, "Models could not be kept warm; trying again in a moment")]
        public static partial void RoundFailed(ILogger logger, Exception failure);
    }
}
