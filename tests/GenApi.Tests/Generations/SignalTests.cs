using GenApi.Core.Generations.Signals;

namespace GenApi.Tests.Generations;

public sealed class SignalTests
{
    private static readonly Guid Id = new("01a2158e-7e7c-7b54-be1e-9cd06a360fe0");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_wakes_who_follows_every_step_and_lets_sleep_who_waits_for_the_end()
    {
        var signals = new GenerationSignals();
        using var follower = signals.Subscribe(Id, everyStep: true);
        using var waiter = signals.Subscribe(Id, everyStep: false);

        signals.Stepped(Id);
        await follower.ChangedAsync(Ended);
        signals.Stepped(Id);
        await follower.ChangedAsync(Ended);

        // Asked for afterwards: a signal that has come would have ended it already.
        var end = waiter.ChangedAsync(Ended);
        Assert.False(end.IsCompleted);
        signals.Changed(Id);
        await Task.WhenAll(end, follower.ChangedAsync(Ended));
        Assert.False(waiter.ChangedAsync(Ended).IsCompleted);
    }

    [Fact]
    public async Task What_happens_between_subscribing_and_waiting_is_not_missed_by_who_joins_others()
    {
        var signals = new GenerationSignals();
        using var first = signals.Subscribe(Id, everyStep: false);
        using var second = signals.Subscribe(Id, everyStep: true);

        signals.Changed(Id);

        await Task.WhenAll(first.ChangedAsync(Ended), second.ChangedAsync(Ended));
    }
}
