using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Generations;

/// <summary>Tests a wall clock that is set while generations run: they end as if it had not been set.</summary>
public sealed class ClockTests
{
    private const string Sdxl = "stability-ai/sdxl", Sd = "stability-ai/stable-diffusion", Lightning = "bytedance/sdxl-lightning-4step",
        Schnell = "black-forest-labs/flux-schnell", Dev = "black-forest-labs/flux-dev", Pro = "black-forest-labs/flux-1.1-pro",
        Large = "stability-ai/stable-diffusion-3.5-large";

    /// <summary>After the step they take the settling time and a little more; the shortest step is 75 seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<string, string?> Settings = new() { ["Generations:SettleSeconds"] = "2" };

    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>
    /// Seconds: back by more and by less than an hour, and forward past every deadline. Where instances share a store, a clock that jumps
    /// forward by hours is the sign of a machine that was suspended, whose leases have ended. Times go on by the wall clock then.
    /// </summary>
    public static TheoryData<int> Steps => StoreKind.IsPostgres ? [-75, -7200] : [-75, -7200, 10_800];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_clock_that_is_set_changes_the_end_of_no_generation_in_any_status(int seconds)
    {
        var time = new SteppedClock();
        await using var app = await GenApiApp.StartAsync(Settings, time: time);
        foreach (var model in new[] { Sdxl, Sd, Lightning, Schnell, Dev, Pro, Large })
            await Requests.AssertWholeAsync(app, await app.GenerateAsync(Of(model, 1)));
        var faults = app.Sandbox.Faults;
        var silence = faults.Add(FaultKind.ListError, times: null);
        Fault[] held =
        [
            faults.Add(FaultKind.RunHeldProcessing, model: Sdxl),
            faults.Add(FaultKind.RunHeldStarting, model: Sd),
            faults.Add(FaultKind.FileUnavailable, model: Lightning),
            faults.Add(FaultKind.CreateResetAfter, model: Schnell),
            faults.Add(FaultKind.CreateResetBefore, model: Dev),
            faults.Add(FaultKind.CreateSlowAfter, model: Pro),
        ];
        string[] models = [Sdxl, Sd, Lightning, Schnell, Dev, Pro];
        var ids = await Task.WhenAll(models.Select(async model => (await app.GenerateAsync(Of(model, 2), Async)).Id));
        await Task.WhenAll(held.Select(each => each.Reached.WaitAsync(Ended)));
        // The upstream asks for a pause, so this one waits in the queue.
        var throttled = faults.Add(new Fault(FaultKind.CreateThrottled) { Model = Large, Delay = TimeSpan.FromSeconds(2) });
        var queued = (await app.GenerateAsync(Of(Large, 2), Async)).Id;
        await throttled.Reached.WaitAsync(Ended);
        var waitBegan = time.GetTimestamp();
        var waiting = app.GetAsync($"/generations/{ids[0]}", ("Prefer", "wait=1"));

        time.Step(TimeSpan.FromSeconds(seconds));

        Assert.Equal((200, "processing"), ((await waiting).Status, (await waiting).State));
        Assert.InRange(time.GetElapsedTime(waitBegan).TotalSeconds, 0.9, 20);
        var began = time.GetTimestamp();
        faults.Remove(silence.Id);
        foreach (var fault in held)
            fault.Release();
        foreach (var id in ids.Append(queued))
            AssertTimes(await EndedAsync(app, id));
        Assert.InRange(time.GetElapsedTime(began), TimeSpan.Zero, Patience);
        Assert.Equal(14, app.Sandbox.Stats.Creations);
        Assert.Equal("pass", (await app.GetAsync("/health/ready"))["status"].GetString());
    }

    /// <summary>
    /// The list is entered by time. With a wrong clock the search would miss the prediction, and it would be made again.
    /// </summary>
    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_creation_whose_answer_was_lost_is_found_by_the_upstreams_clock_however_wrong_ours_is(int seconds)
    {
        var time = new SteppedClock();
        await using var app = await GenApiApp.StartAsync(Settings, time: time);
        time.Step(TimeSpan.FromSeconds(seconds));
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));
        app.Sandbox.Faults.Add(FaultKind.CreateResetAfter);

        var made = await app.GenerateAsync(Requests.Small(2));

        await Requests.AssertWholeAsync(app, made);
        AssertTimes(made);
        Assert.Equal((2, 2), (app.Sandbox.Stats.Creations, app.Sandbox.Stats.CreationAttempts));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task The_times_of_a_generation_are_those_of_the_clock_at_its_acceptance_carried_on(int seconds)
    {
        var time = new SteppedClock();
        await using var app = await GenApiApp.StartAsync(Settings, time: time);
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var before = time.GetUtcNow();
        var id = (await app.GenerateAsync(Requests.Small(1), Async)).Id;
        await held.Reached.WaitAsync(Ended);
        time.Step(TimeSpan.FromSeconds(seconds));
        held.Release();
        var ended = await EndedAsync(app, id);
        var stepped = time.GetUtcNow();
        var next = await app.GenerateAsync(Requests.Small(2));

        AssertTimes(ended);
        Assert.InRange(ended["created_at"].GetDateTimeOffset(), before, before.AddSeconds(10));
        Assert.InRange(ended["completed_at"].GetDateTimeOffset(), before, before.AddSeconds(30));
        // Times after the step go by the clock as it is now.
        AssertTimes(next);
        Assert.InRange(next["created_at"].GetDateTimeOffset(), stepped, stepped.AddSeconds(30));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_lease_is_renewed_and_a_deadline_comes_when_it_should(int seconds)
    {
        var inner = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var time = new SteppedClock(inner);
        await using var app = await GenApiApp.StartAsync(new(Settings) { ["Generations:MaxRunSeconds"] = "60" }, time: time);
        app.Sandbox.Faults.Add(FaultKind.RunStuck);
        var before = inner.GetUtcNow();
        var made = app.GenerateAsync(Requests.Small(1), Async);
        await Webhooks.Clocks.AdvanceUntilAsync(
            inner, TimeSpan.FromMilliseconds(100), () => made.IsCompleted && app.Sandbox.Stats.Creations == 1);
        var leased = await LeaseAsync(app);
        var sent = inner.GetUtcNow() - before;

        time.Step(TimeSpan.FromSeconds(seconds));
        for (var round = 0; round < 25; round++)
        {
            inner.Advance(TimeSpan.FromSeconds(1));
            await Webhooks.Clocks.PauseAsync();
        }

        // The clock stands still until the renewal that is due has been written.
        Assert.InRange(await RenewedAsync(app, leased + TimeSpan.FromSeconds(15).Ticks) - leased, 0, TimeSpan.FromSeconds(35).Ticks);
        var waiting = app.GetAsync($"/generations/{(await made).Id}", ("Prefer", "wait=300"));
        await Webhooks.Clocks.AdvanceUntilAsync(inner, TimeSpan.FromSeconds(0.5), () => waiting.IsCompleted);
        Assert.Equal(("failed", "upstream_timeout"), ((await waiting).State, (await waiting)["error", "code"].GetString()));
        // By its mark the run may take up to a tenth less than the longest run, from a moment between the acceptance and the creation. A
        // deadline by the clock that was set would come at once, or more than a minute late.
        var longest = TimeSpan.FromSeconds(await Damage.ExecuteAsync(app, "SELECT CancelAfterSeconds FROM Generations"));
        Assert.InRange(longest, TimeSpan.FromSeconds(54), TimeSpan.FromSeconds(60));
        var total = TimeSpan.FromSeconds((await waiting)["timing", "total_seconds"].GetDouble());
        Assert.InRange(total, longest, longest + sent + TimeSpan.FromSeconds(60));
        AssertTimes(await waiting);
    }

    private static async Task<long> LeaseAsync(GenApiApp app) => await Damage.ExecuteAsync(app, "SELECT Lease_Until FROM Generations");

    private static async Task<long> RenewedAsync(GenApiApp app, long least)
    {
        for (var since = TimeProvider.System.GetTimestamp(); await LeaseAsync(app) < least;)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, "The lease was not renewed.");
            await Webhooks.Clocks.PauseAsync();
        }
        return await LeaseAsync(app);
    }

    private static object Of(string model, int seed) => new { model, prompt = "a red fox", seed };

    private static async Task<Answer> EndedAsync(GenApiApp app, string id)
    {
        var ended = await Requests.EndedAsync(app, id);
        await Requests.AssertWholeAsync(app, ended);
        return ended;
    }

    /// <summary>Checks that the times follow each other, and that the durations are their differences.</summary>
    private static void AssertTimes(Answer ended)
    {
        var (created, completed) = (ended["created_at"].GetDateTimeOffset(), ended["completed_at"].GetDateTimeOffset());
        Assert.InRange(completed - created, TimeSpan.Zero, TimeSpan.FromMinutes(2));
        if (ended["started_at"].ValueKind != JsonValueKind.Null)
            Assert.InRange(ended["started_at"].GetDateTimeOffset(), created, completed);
        Assert.Equal((completed - created).TotalSeconds, ended["timing", "total_seconds"].GetDouble(), 0.002);
        foreach (var timing in ended["timing"].EnumerateObject().Where(each => each.Value.ValueKind == JsonValueKind.Number))
            Assert.InRange(timing.Value.GetDouble(), 0, 120);
    }
}
