using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Webhooks;

internal static class Clocks
{
    /// <summary>
    /// Moves a clock step by step until something holds, for waits whose timers start somewhere inside the service. Between two steps the
    /// service gets a moment to do what the last one has made due.
    /// </summary>
    /// <returns>How far the clock was moved.</returns>
    public static async Task<TimeSpan> AdvanceUntilAsync(FakeTimeProvider time, TimeSpan step, Func<bool> holds)
    {
        var from = time.GetUtcNow();
        for (var turn = 0; turn < 2000 && !holds(); turn++)
        {
            time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        Assert.True(holds(), "It did not come about.");
        return time.GetUtcNow() - from;
    }
}
