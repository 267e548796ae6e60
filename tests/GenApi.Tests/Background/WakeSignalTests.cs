using GenApi.Core.Background;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Background;

public sealed class WakeSignalTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wakes_before_a_wait_count_as_one_and_are_not_lost()
    {
        var signal = new WakeSignal();
        signal.Wake();
        signal.Wake();

        await signal.WaitAsync(Ended);
        var next = signal.WaitAsync(Ended);

        Assert.False(next.IsCompleted);
        signal.Wake();
        await next;
    }

    [Fact]
    public async Task A_wait_with_an_end_says_which_of_both_ended_it()
    {
        var time = new FakeTimeProvider();
        var signal = new WakeSignal();
        var late = signal.WaitAsync(TimeSpan.FromSeconds(5), time, Ended);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(await late);

        var woken = signal.WaitAsync(TimeSpan.FromSeconds(5), time, Ended);
        signal.Wake();
        Assert.True(await woken);
        Assert.False(await signal.WaitAsync(TimeSpan.Zero, time, Ended));
    }

    [Fact]
    public async Task A_wait_ends_with_its_token()
    {
        using var stop = new CancellationTokenSource();
        var signal = new WakeSignal();
        var waits = new[] { signal.WaitAsync(stop.Token), signal.WaitAsync(TimeSpan.FromDays(1), TimeProvider.System, stop.Token) };

        await stop.CancelAsync();

        foreach (var wait in waits)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    /// <summary>A loop that looks, then waits: each write is seen although it falls anywhere between two looks.</summary>
    [Fact]
    public async Task No_wake_is_lost_between_a_look_and_a_wait()
    {
        const int writes = 100_000;
        var (signal, written, seen) = (new WakeSignal(), 0, 0);
        var loop = Task.Run(async () =>
        {
            while ((seen = Volatile.Read(ref written)) < writes)
                await signal.WaitAsync(Ended);
        }, Ended);
        for (var write = 0; write < writes; write++)
        {
            Interlocked.Increment(ref written);
            signal.Wake();
        }

        await loop.WaitAsync(TimeSpan.FromSeconds(30), Ended);
        Assert.Equal(writes, seen);
    }
}
