using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Generations;

/// <summary>
/// Tests a wall clock that is set while no process runs. The next process can't tell that from time that has passed, so it tries once more
/// before it gives anything up.
/// </summary>
public sealed class ClockRestartTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static TheoryData<int> Steps => ClockTests.Steps;

    /// <summary>
    /// After a clock is set forward the settling time is over at once, although the prediction may not be listed yet. It would be made and
    /// billed again.
    /// </summary>
    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_creation_that_may_have_happened_is_looked_for_through_the_whole_settling_time(int seconds)
    {
        var time = new SteppedClock();
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:SettleSeconds"] = "3" }, time: time);
        var unlisted = app.Sandbox.Faults.Add(FaultKind.ListEmpty, times: null);
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter);
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        await unlisted.Reached.WaitAsync(Ended);

        await app.StopAsync();
        time.Step(TimeSpan.FromSeconds(seconds));
        var used = unlisted.Used;
        await app.StartAgainAsync();
        while (unlisted.Used < used + 3)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ended);
        app.Sandbox.Faults.Remove(unlisted.Id);

        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
        Assert.Equal((1, 1), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_run_that_goes_on_at_the_upstream_is_waited_for(int seconds)
    {
        var time = new SteppedClock();
        await using var app = await GenApiApp.StartAsync(time: time);
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(2)));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        await held.Reached.WaitAsync(Ended);

        await app.StopAsync();
        time.Step(TimeSpan.FromSeconds(seconds));
        var looks = app.Sandbox.Stats.Gets;
        await app.StartAgainAsync();
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Gets >= looks + 2, Ended);
        held.Release();

        var ended = await Requests.EndedAsync(app, id);
        await Requests.AssertWholeAsync(app, ended);
        Assert.All(
            ended["timing"].EnumerateObject().Where(each => each.Value.ValueKind == JsonValueKind.Number),
            each => Assert.True(each.Value.GetDouble() >= 0));
        Assert.Equal(2, app.Sandbox.Stats.CreationAttempts);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_file_that_can_not_be_fetched_yet_is_not_given_up(int seconds)
    {
        var time = new SteppedClock();
        await using var app = await GenApiApp.StartAsync(time: time);
        var gone = app.Sandbox.Faults.Add(new Fault(FaultKind.FileUnavailable) { Times = null });
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        await gone.Reached.WaitAsync(Ended);

        await app.StopAsync();
        time.Step(TimeSpan.FromSeconds(seconds));
        var used = gone.Used;
        await app.StartAgainAsync();
        while (gone.Used < used + 3)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ended);
        app.Sandbox.Faults.Remove(gone.Id);

        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    /// <summary>The lock on the data directory shows that every holder of a lease is gone, whatever its time.</summary>
    [Theory]
    [OnlyOnSqlite]
    [MemberData(nameof(Steps))]
    public async Task A_lease_of_a_dead_process_holds_nothing_up(int seconds)
    {
        var time = new SteppedClock();
        await using var app = await GenApiApp.StartAsync(time: time);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        await held.Reached.WaitAsync(Ended);
        await app.StopAsync();
        var until = time.GetUtcNow().AddSeconds(30).UtcTicks;
        await Damage.ExecuteAsync(app, $"UPDATE Generations SET Lease_Owner = 'gone', Lease_Until = {until}");

        time.Step(TimeSpan.FromSeconds(seconds));
        held.Release();
        await app.StartAgainAsync();

        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
    }
}
