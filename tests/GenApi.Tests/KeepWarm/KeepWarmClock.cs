using GenApi.Core.Cluster;
using GenApi.Core.KeepWarm;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.KeepWarm;

/// <summary>A clock that the test moves. Timers run as usual, except the beat of the rounds, which the test makes itself.</summary>
internal sealed class KeepWarmClock : TimeProvider
{
    private TimeSpan _moved;
    private TimeSpan _stepped;

    public void Advance(TimeSpan by) => _moved += by;

    /// <summary>Lets time pass, and the service make the heartbeats that it would have made meanwhile.</summary>
    public Task AdvanceAsync(GenApiApp app, TimeSpan by)
    {
        Advance(by);
        return BeatAsync(app);
    }

    /// <summary>Sets the clock as an operator does: no time passes.</summary>
    public Task StepAsync(GenApiApp app, TimeSpan by)
    {
        _stepped += by;
        return BeatAsync(app);
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _moved + _stepped;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(_moved.TotalSeconds * TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime == KeepWarmWorker.Beat ? Timeout.InfiniteTimeSpan : dueTime, period);

    /// <summary>Waits until the only instance of a shared store leads it again. On SQLite it always does.</summary>
    private static async Task BeatAsync(GenApiApp app)
    {
        var (cluster, leadership) = (app.Services.GetRequiredService<ICluster>(), app.Services.GetRequiredService<ILeadership>());
        while (!cluster.IsAlive || !leadership.IsLeader)
        {
            app.Services.GetRequiredService<HeartbeatLoop>().Wake();
            await Task.Delay(TimeSpan.FromMilliseconds(10), System, TestContext.Current.CancellationToken);
        }
    }
}
