using GenApi.Core.KeepWarm;
using GenApi.Sandbox.Control;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.KeepWarm;

/// <summary>
/// Tests that two instances that both believe to lead pay for one keep-warm run: the transaction that makes the run decides once more.
/// </summary>
public sealed class KeepWarmTwiceTests
{
    private readonly KeepWarmClock _clock = new();

    public KeepWarmTwiceTests() => _clock.Advance(TimeSpan.FromHours(36) - _clock.GetUtcNow().TimeOfDay);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_another_instance_has_just_made_is_not_made_again()
    {
        await using var app = await GenApiApp.StartAsync(
            new()
            {
                ["Models:Aliases:sdxl:KeepWarm:Enabled"] = "true",
                ["Models:Aliases:sdxl:KeepWarm:EveryMinutes"] = "10",
                ["Models:Aliases:sdxl:KeepWarm:DailyLimitUsd"] = "1",
            },
            time: _clock);
        var (runs, worker) = (app.Services.GetRequiredService<KeepWarmRuns>(), app.Services.GetRequiredService<KeepWarmWorker>());
        var target = Assert.Single(app.Services.GetRequiredService<KeepWarmPlan>().Targets);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var first = Assert.Single(await worker.RoundAsync(Ended));
        await held.Reached.WaitAsync(Ended);

        // The other instance looked before that one was made.
        Assert.Null(await runs.BeginAsync(target, target.Recipe!, Ended));
        held.Release();
        await runs.WaitAsync(first, Ended);
        Assert.Empty(await worker.RoundAsync(Ended));
        Assert.Null(await runs.BeginAsync(target, target.Recipe!, Ended));
        Assert.Equal(1, app.Sandbox.Stats.Creations);

        await _clock.AdvanceAsync(app, TimeSpan.FromMinutes(10));
        Assert.NotNull(await runs.BeginAsync(target, target.Recipe!, Ended));
    }
}
