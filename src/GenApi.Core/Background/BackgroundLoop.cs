using GenApi.Core.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Background;

/// <summary>
/// Repeats one piece of work until the service stops. A round begins at each tick of the period and at each <see cref="Wake"/>. The first
/// of several failed rounds is reported, the others are not. The loop outlives every failure, a defect of ours included: a service whose
/// host ends because of one loop would take all the others with it.
/// </summary>
public abstract partial class BackgroundLoop : BackgroundService
{
    /// <summary>Also where <see cref="RestAsync"/> itself fails.</summary>
    private static readonly TimeSpan PauseAfterDefect = TimeSpan.FromSeconds(1);

    private readonly TimeSpan? _period;
    private readonly WakeSignal _wake = new();
    private bool _isOver;

    /// <param name="time">For the period and all pauses.</param>
    /// <param name="logger">The loop's own; defects of its rounds go there.</param>
    /// <param name="period">From one tick to the next; null: the loop decides in <see cref="RestAsync"/>.</param>
    protected BackgroundLoop(TimeProvider time, ILogger logger, TimeSpan? period = null) =>
        (Time, Logger, _period) = (time, logger, period);

    protected TimeProvider Time { get; }

    protected ILogger Logger { get; }

    /// <summary>The last round came to its end.</summary>
    protected bool IsWell { get; private set; } = true;

    /// <summary>The last round failed with an exception that nobody expects.</summary>
    protected bool IsDefective { get; private set; }

    /// <summary>Begins a round as soon as the one under way is over.</summary>
    internal void Wake() => _wake.Wake();

    /// <summary>Ends the loop, then runs <see cref="LastRoundAsync"/>, and always reports its failure.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        IsWell = true;
        try
        {
            await TryAsync(LastRoundAsync, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The time to stop is over, which is no reason to end with a failure.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = _period is { } period
            ? Time.CreateTimer(static loop => ((BackgroundLoop)loop!).Wake(), this, period, period)
            : null;
        try
        {
            await TryAsync(BeginAsync, stoppingToken);
            while (!_isOver)
            {
                if (IsDefective)
                    await Task.Delay(PauseAfterDefect, Time, stoppingToken);
                await TryAsync(NextAsync, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping, which is how a loop ends.
        }
    }

    /// <summary>Runs once, before the first rest.</summary>
    protected virtual Task BeginAsync(CancellationToken stopping) => Task.CompletedTask;

    /// <summary>Ends when the next round is due.</summary>
    protected virtual Task RestAsync(CancellationToken stopping) => _wake.WaitAsync(stopping);

    /// <summary>One round.</summary>
    protected abstract Task WorkAsync(CancellationToken stopping);

    /// <summary>Runs once at a stop, after the loop has ended.</summary>
    protected virtual Task LastRoundAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Logs the first failure after a good round. Without an override it counts as a defect.</summary>
    protected virtual void Report(GenApiException fault) => ReportDefect(fault);

    /// <summary>Logs the first exception that nobody expects after a good round.</summary>
    protected virtual void ReportDefect(Exception failure) => Log.Defect(Logger, GetType().Name, failure);

    /// <summary>There is no next round.</summary>
    protected void End() => _isOver = true;

    private async Task NextAsync(CancellationToken stopping)
    {
        await RestAsync(stopping);
        await WorkAsync(stopping);
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var wasWell = IsWell;
        try
        {
            await work(cancellationToken);
            (IsWell, IsDefective) = (true, false);
        }
        catch (GenApiException fault)
        {
            (IsWell, IsDefective) = (false, false);
            if (wasWell)
                Report(fault);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var isNew = !IsDefective;
            (IsWell, IsDefective) = (false, true);
            if (wasWell || isNew)
                ReportDefect(failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(90, LogLevel.Error, "{Loop} failed unexpectedly; it tries again")]
        public static partial void Defect(ILogger logger, string loop, Exception failure);
    }
}
