using System.Collections.Concurrent;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Service;
using GenApi.Core.Generations.Signals;

namespace GenApi.Doors.Replicate;

/// <summary>
/// Cancels predictions at the time that their callers set with <c>Cancel-After</c>. The upstream gets the same limit with the creation, so
/// a run ends even if this process does not live to cancel it. Each account's part in a prediction is watched once, and only until the
/// prediction ends.
/// </summary>
internal sealed partial class PredictionDeadlines(
    GenerationService service, GenerationSignals signals, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<PredictionDeadlines> logger)
{
    private readonly ConcurrentDictionary<(Guid Generation, Guid Account), DateTimeOffset> _watched = new();

    /// <summary>Cancels the caller's part in a generation at a time, unless it has ended by then.</summary>
    /// <param name="generation">The generation, whose run has this limit.</param>
    /// <param name="caller">The caller that set the limit.</param>
    /// <param name="from">The caller's address, for the audit log.</param>
    /// <param name="deadline">At most 24 hours from now.</param>
    public void Watch(Guid generation, Caller caller, string from, DateTimeOffset deadline)
    {
        if (_watched.TryAdd((generation, caller.AccountId), deadline))
            _ = WatchAsync(generation, caller, from, deadline, lifetime.ApplicationStopping);
    }

    private async Task WatchAsync(Guid generation, Caller caller, string from, DateTimeOffset deadline, CancellationToken stopping)
    {
        try
        {
            if (await LastsUntilAsync(generation, caller, deadline, stopping))
                await service.CancelAsync(generation, caller, from, stopping);
        }
        catch (GenApiException refusal) when (refusal.Kind is ErrorKind.NotFound or ErrorKind.Conflict)
        {
            // It was deleted or left, or its output is being stored and it ends as it would have.
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
        catch (Exception failure)
        {
            Log.NotCanceled(logger, ReplicateDoor.PredictionId(generation), failure);
        }
        finally
        {
            _watched.TryRemove((generation, caller.AccountId), out _);
        }
    }

    /// <summary>Waits for the deadline of a generation, or for its end.</summary>
    /// <returns>True if it goes on at its deadline.</returns>
    private async Task<bool> LastsUntilAsync(Guid generation, Caller caller, DateTimeOffset deadline, CancellationToken stopping)
    {
        var left = deadline - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
            return true;
        using var subscription = signals.Subscribe(generation, everyStep: false);
        using var reached = new CancellationTokenSource(left, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(reached.Token, stopping);
        try
        {
            while (!(await service.GetAsync(generation, caller, ended.Token)).Generation.Status.IsTerminal())
                await subscription.ChangedAsync(ended.Token);
            return false;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Prediction {PredictionId} could not be canceled at its deadline; the upstream ends the run")]
        public static partial void NotCanceled(ILogger logger, string predictionId, Exception failure);
    }
}
