using System.Diagnostics;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Chaos;

/// <summary>
/// Tests the promise under kill -9 and a hostile upstream: every accepted generation ends, nothing is made twice or for nobody, every image
/// is whole. <c>bench/chaos.sh</c> runs the same for longer.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    [OnlyOnSqlite]
    [OnlyOnDisk]
    public async Task Kills_and_faults_lose_nothing_bill_nothing_twice_and_tear_nothing()
    {
        var plan = ChaosPlan.FromEnvironment();
        await using var run = new ChaosRun(plan);
        var since = Stopwatch.GetTimestamp();
        output.WriteLine($"CHAOS_SEED={plan.Seed} CHAOS_KILLS={plan.Kills} CHAOS_GENERATIONS={plan.Generations}");

        await run.StormAsync(TestContext.Current.CancellationToken);
        var verdict = new ChaosVerdict(plan, run.Http, () => run.Address, run.Upstream, run.Callers, run.Store, output);
        var generations = await verdict.EndedAsync();
        await run.StopAsync();

        output.WriteLine($"{Stopwatch.GetElapsedTime(since).TotalSeconds:0} s; windows: {run.Windows}");
        Assert.Empty(run.Store.Blobs.Leftovers());
        Assert.Equal(ChaosVerdict.Hashes(generations), await run.Store.NeededBlobsAsync());
        await verdict.AssertBookedAsync(generations.Count);
        Assert.Empty(await run.FsckAsync());
        run.AssertNoSecret();
    }
}
