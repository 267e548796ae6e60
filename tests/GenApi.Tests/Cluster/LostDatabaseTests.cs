using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Persistence;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Cluster;

/// <summary>Tests instances whose database is cut off, restarted or away, and instances whose own clocks differ.</summary>
public sealed class LostDatabaseTests
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Generations:SettleSeconds"] = "0.5",
        ["Replicate:CreationsPerMinute"] = "1000000",
        ["Replicate:ReadsPerMinute"] = "1000000",
        ["Logging:LogLevel:Default"] = "None",
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_that_are_cut_again_and_again_lose_nothing_and_make_nothing_twice(bool isPooled)
    {
        Instances.Require(isPooled);
        var port = isPooled ? await (await PostgresServer.SharedAsync()).PoolerAsync() : (int?)null;
        await using var instances = await Instances.StartAsync(3, Settings, port: port);
        const int Count = 60;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Ended);

        var cutting = CutAsync(instances, over.Token);
        var made = await RunAsync(instances, Count);
        await over.CancelAsync();
        var cuts = await cutting;

        TestContext.Current.TestOutputHelper?.WriteLine($"{cuts} cuts");
        Assert.True(cuts > 0);
        await AssertOnceAsync(instances, made);
    }

    [Fact(Explicit = true)]
    public async Task A_restart_of_the_server_is_503_for_a_while_and_loses_nothing()
    {
        Instances.Require();
        await using var server = await PostgresServer.StartAsync();
        await using var instances = await Instances.StartAsync(2, Settings, server: server);
        await instances[0].GenerateAsync(Requests.Small(1000), Keys.AsAdmin);

        var running = RunAsync(instances, 30);
        await server.StopAsync();
        try
        {
            var refused = await instances[1].GenerateAsync(Requests.Small(2000), Keys.AsAdmin);
            Assert.Equal((503, "storage_unavailable"), (refused.Status, refused.Code));
            Assert.True(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture) >= 1);
            // The writer waits ten seconds for a server that restarts; readiness follows it.
            for (var tries = 0; (await instances[1].GetAsync("/health/ready")).Status != 503; tries++)
            {
                Assert.True(tries < 300, "It still counts as ready.");
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ended);
            }
            Assert.Equal(200, (await instances[1].GetAsync("/health/live")).Status);
        }
        finally
        {
            await server.StartAgainAsync();
        }

        await AssertOnceAsync(instances, [await instances.GenerateAsync(Requests.Small(1000), "first"), .. await running]);
        Assert.Equal(200, (await instances[1].GetAsync("/health/ready")).Status);
    }

    [Fact(Explicit = true)]
    public async Task Clocks_that_are_minutes_apart_take_nothing_from_the_living_and_end_nothing_early()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(
            3, Settings,
            services: (at, services) => services.AddSingleton<TimeProvider>(new OtherClock(TimeSpan.FromMinutes(2 * (at - 1)))));
        var held = instances.Sandbox.Faults.Add(FaultKind.RunHeldProcessing, times: 6);
        var ids = await Task.WhenAll(Enumerable.Range(1, 6).Select(async seed => (await instances[seed % 3].GenerateAsync(
            Requests.Small(seed), Keys.AsAdmin, ("Prefer", "respond-async"))).Id));
        await instances.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations == 6, Ended);
        const string claims = "SELECT count(*) FROM Generations WHERE Lease_Epoch = 1 AND Lease_Owner IS NOT NULL";
        // Some leases long.
        for (var renewals = await RenewalsAsync(instances); await RenewalsAsync(instances) - renewals < TimeSpan.FromSeconds(5).Ticks;)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ended);
        Assert.Equal(6, await instances.Store.ExecuteAsync(claims));
        held.Release();

        Assert.All(await Task.WhenAll(ids.Select(id => instances.EndedAsync(id))), answer => Assert.Equal("succeeded", answer.State));
        await AssertOnceAsync(instances, await RunAsync(instances, 30, first: 100), others: 6);
    }

    private static async Task<long> RenewalsAsync(Instances instances) =>
        await instances.Store.ExecuteAsync("SELECT min(AliveUntil) FROM Instances");

    private static async Task<int> CutAsync(Instances instances, CancellationToken cancellationToken)
    {
        var cuts = 0;
        try
        {
            for (; ; cuts++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, cancellationToken);
                await instances.Store.CutAsync();
            }
        }
        catch (OperationCanceledException)
        {
            return cuts;
        }
    }

    private static async Task<Answer[]> RunAsync(Instances instances, int count, int first = 1)
    {
        var made = new Answer[count];
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Ended };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), atOnce, async (at, _) =>
        {
            var accepted = await instances.GenerateAsync(Requests.Small(first + at), $"request-{first + at}");
            Assert.True(accepted.Status is 200 or 202, accepted.Text);
            made[at] = await instances.EndedAsync(accepted.Id);
        });
        return made;
    }

    /// <summary>Each succeeded, is whole, and was made and booked once.</summary>
    private static async Task AssertOnceAsync(Instances instances, Answer[] made, int others = 0)
    {
        var count = made.Length + others;
        Assert.All(made, answer => Assert.Equal("succeeded", answer.State));
        Assert.Equal(made.Length, made.Select(answer => answer.Id).Distinct().Count());
        Assert.Equal(count, instances.Sandbox.Stats.Creations);
        Assert.Equal(count, await instances.Store.ExecuteAsync("SELECT count(*) FROM Generations WHERE Status = 'Succeeded'"));
        Assert.Equal(count, await instances.Store.ExecuteAsync("SELECT count(*) FROM UsageEntries WHERE Kind = 'Run'"));
        Assert.Equal(0, await instances.Store.ExecuteAsync("SELECT coalesce(sum(ReservedMicros), 0) FROM BudgetPeriods"));
    }

    private sealed class OtherClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
