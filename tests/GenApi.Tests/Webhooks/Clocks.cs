using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Webhooks;

internal static class Clocks
{
    /// <summary>The pause between two steps on an idle machine.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>A pause that ends late is made longer by this many times its delay.</summary>
    private const int Patience = 4;

    /// <summary>
    /// Moves a clock step by step until something holds, for waits whose timers start somewhere inside the service. Between two steps the
    /// service gets time to do what the last one has made due. A busy machine gets more of it, so that the clock does not outrun the
    /// service.
    /// </summary>
    /// <returns>The distance that the clock was moved.</returns>
    public static async Task<TimeSpan> AdvanceUntilAsync(FakeTimeProvider time, TimeSpan step, Func<bool> holds)
    {
        var from = time.GetUtcNow();
        for (var turn = 0; turn < 2000 && !holds(); turn++)
        {
            time.Advance(step);
            await PauseAsync();
        }
        Assert.True(holds(), "It did not come about.");
        return time.GetUtcNow() - from;
    }

    /// <summary>Lets the service work for a moment, and for longer if the machine is busy.</summary>
    public static async Task PauseAsync()
    {
        var since = Stopwatch.GetTimestamp();
        await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        var late = Stopwatch.GetElapsedTime(since) - Pause;
        if (late > Pause)
            await Task.Delay(late * Patience, TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
