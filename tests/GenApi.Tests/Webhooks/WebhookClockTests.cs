using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Webhooks;

/// <summary>Messages that wait for their next attempt while the wall clock is set, with and without a running process.</summary>
public sealed class WebhookClockTests
{
    /// <summary>
    /// A first pause is five seconds and a tenth; a clock set back 75 s that still counted would make 80 of it. In between there is room
    /// for a machine that does other work while this clock runs on.
    /// </summary>
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(40);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static TheoryData<int> Steps => ClockTests.Steps;

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_clock_that_is_set_moves_no_attempt(int seconds)
    {
        var inner = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var time = new SteppedClock(inner);
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(500);
        await using var app = await GenApiApp.StartAsync(receiver.Settings, time: time);
        var id = await FailedOnceAsync(app, receiver, inner);

        time.Step(TimeSpan.FromSeconds(seconds));
        var pending = await DeliveryAsync(app, id);
        receiver.Say(204);
        var waited = await Clocks.AdvanceUntilAsync(inner, TimeSpan.FromSeconds(0.25), () => receiver.Messages.Count == 2);

        // Its times follow the clock as it is now.
        var ahead = pending.GetProperty("next_attempt_at").GetDateTimeOffset() - time.GetUtcNow();
        Assert.InRange(ahead, -MostWait, TimeSpan.FromSeconds(6));
        Assert.InRange(waited, TimeSpan.Zero, MostWait);
        Assert.Equal(receiver.Messages[0].Id, receiver.Messages[1].Id);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task What_an_earlier_process_left_is_sent_after_its_pause_at_the_latest(int seconds)
    {
        var inner = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var time = new SteppedClock(inner);
        await using var receiver = await Receiver.StartAsync();
        receiver.Say(500);
        await using var app = await GenApiApp.StartAsync(receiver.Settings, time: time);
        await FailedOnceAsync(app, receiver, inner);

        await app.StopAsync();
        time.Step(TimeSpan.FromSeconds(seconds));
        receiver.Say(204);
        await app.StartAgainAsync();

        var waited = await Clocks.AdvanceUntilAsync(inner, TimeSpan.FromSeconds(0.25), () => receiver.Messages.Count == 2);
        Assert.InRange(waited, TimeSpan.Zero, MostWait);
    }

    /// <summary>Replicate signs by its own clock, so a wrong clock of ours refuses none of its webhooks.</summary>
    [Theory]
    [MemberData(nameof(Steps))]
    public async Task The_upstreams_webhooks_are_taken_however_wrong_our_clock_is(int seconds)
    {
        var time = new SteppedClock();
        time.Step(TimeSpan.FromSeconds(seconds));
        var (front, app) = await PublicFront.StartAppAsync(settings => GenApiApp.StartAsync(settings, time: time));
        await using var both = front;
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var id = (await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"))).Id;
        await held.Reached.WaitAsync(Ended);
        var looks = app.Sandbox.Stats.Gets;
        held.Release();

        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
        Assert.Equal(looks, app.Sandbox.Stats.Gets);
    }

    /// <summary>Its end was sent once and refused.</summary>
    private static async Task<string> FailedOnceAsync(GenApiApp app, Receiver receiver, FakeTimeProvider time)
    {
        var making = app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64, webhook = receiver.Url });
        await Clocks.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(50), () => making.IsCompleted);
        var id = (await making).Id;
        await receiver.NextAsync(1);
        while ((await DeliveryAsync(app, id)).GetProperty("attempts").GetArrayLength() == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ended);
        return id;
    }

    private static async Task<JsonElement> DeliveryAsync(GenApiApp app, string id) =>
        (await app.GetAsync($"/generations/{id}/deliveries"))["data"][0];
}
