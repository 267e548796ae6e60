using System.Diagnostics;
using GenApi.Tests.Chaos;

namespace GenApi.Tests.Cluster;

/// <summary>
/// Tests the promise over three instances that are killed, frozen and cut off: nothing is lost, doubled or torn, and nobody writes after
/// its lease. <c>bench/chaos.sh cluster</c> runs the same for longer, also behind pgbouncer.
/// </summary>
public sealed class StormTests(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public async Task Kills_freezes_and_faults_of_three_instances_lose_nothing_bill_nothing_twice_and_tear_nothing()
    {
        var isPooled = Environment.GetEnvironmentVariable("CHAOS_POOLER") is "1";
        Instances.Require(isPooled);
        var plan = ChaosPlan.OfInstances();
        await using var storm = await Storm.StartAsync(plan, isPooled);
        var since = Stopwatch.GetTimestamp();
        output.WriteLine(
            $"CHAOS_SEED={plan.Seed} CHAOS_KILLS={plan.Kills} CHAOS_FREEZES={plan.Freezes} CHAOS_GENERATIONS={plan.Generations}");

        await storm.RunAsync(TestContext.Current.CancellationToken);
        var verdict = new ChaosVerdict(plan, storm.Http, () => storm.Address, storm.Upstream, storm.Callers, storm.Store, output);
        var generations = await verdict.EndedAsync();
        await storm.StopAsync();

        output.WriteLine($"{Stopwatch.GetElapsedTime(since).TotalSeconds:0} s; {storm.Done}");
        // What an instance had stored when it died may lie there until the sweep.
        Assert.Empty(ChaosVerdict.Hashes(generations).Except(await storm.Store.NeededBlobsAsync()));
        await verdict.AssertBookedAsync(generations.Count);
        await LeaseGuard.AssertKeptAsync(storm.Store);
    }
}
