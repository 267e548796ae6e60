using System.Diagnostics;
using GenApi.Core.Cluster;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Replicate;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Cluster;

/// <summary>Tests limits that hold for all instances together.</summary>
public sealed class SharedLimitsTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_instances_together_take_what_one_limit_allows()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        var rates = instances.All.Select(app => app.Services.GetRequiredService<SharedRates>()).ToList();
        var limit = new SharedLimit(Capacity: 35, PerSecond: 0.001);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(turn => rates[turn % 2].TakeAsync("a limit", 10, limit, Ended)));

        Assert.Equal(35, taken.Sum(each => each.Tokens));
        Assert.Equal([0, 0, 0, 0, 5, 10, 10, 10], taken.Select(each => each.Tokens).Order());
        Assert.All(taken.Where(each => each.Tokens == 0), each => Assert.InRange(each.Wait.TotalSeconds, 1, 1000));
        var other = await rates[0].TakeAsync("another limit", 3, limit, Ended);
        Assert.Equal((3, TimeSpan.Zero), other);
    }

    [Fact]
    public async Task A_minute_has_no_more_creations_than_the_account_may_make_however_many_instances_there_are()
    {
        Instances.Require();
        // One at once, by whichever instance, and the next one after 20 seconds.
        await using var instances = await Instances.StartAsync(3, new() { ["Replicate:CreationsPerMinute"] = "4" });
        var began = Stopwatch.GetTimestamp();

        foreach (var seed in Enumerable.Range(1, 6))
            await instances[seed % 3].GenerateAsync(Requests.Small(seed), Keys.AsAdmin, Async);

        await instances.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations >= 1, Ended);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Ended);
        Assert.InRange(instances.Sandbox.Stats.Creations, 1, 1 + (int)(Stopwatch.GetElapsedTime(began).TotalSeconds / 20));
    }

    [Fact]
    public async Task What_one_instance_learns_of_the_account_the_others_know()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        var upstreams = instances.All.Select(app => app.Services.GetRequiredService<ReplicateUpstream>()).ToList();

        upstreams[0].CreationsReducedTo = 6;
        upstreams[0].CreditRefused(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        upstreams[0].TokenRefused();
        await UntilAsync(() => upstreams[1] is { CreationsReducedTo: 6, Unauthorized: true, OutOfCreditAt: not null });
        Assert.Equal(upstreams[0].OutOfCreditAt, upstreams[1].OutOfCreditAt);

        upstreams[1].TokenAccepted();
        upstreams[1].CreditAccepted();
        await UntilAsync(() => upstreams[0] is { CreationsReducedTo: 6, Unauthorized: false, OutOfCreditAt: null });
    }

    [Fact]
    public async Task The_bound_of_open_generations_counts_those_of_all_instances()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(
            2, new() { ["Generations:MaxQueued"] = "3", ["Cluster:LeaseSeconds"] = "2" });
        instances.Sandbox.Faults.Add(FaultKind.RunHeldProcessing, times: null);
        for (var seed = 1; seed <= 3; seed++)
            Assert.Equal(202, (await instances[0].GenerateAsync(Requests.Small(seed), Keys.AsAdmin, Async)).Status);
        await UntilAsync(() => instances[1].Services.GetRequiredService<OpenGenerations>().Count == 3);

        var refused = await instances[1].GenerateAsync(Requests.Small(4), Keys.AsAdmin, Async);

        Assert.Equal((503, "overloaded"), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task A_row_that_waits_wakes_an_instance_that_has_room()
    {
        Instances.Require();
        // Each may have one in flight, as soon as it knows of the other.
        await using var instances = await Instances.StartAsync(
            2, new() { ["Replicate:MaxInFlight"] = "2", ["Cluster:LeaseSeconds"] = "2" });
        await UntilAsync(() => instances.All.All(app => app.Services.GetRequiredService<ICluster>().LiveInstances == 2));
        instances.Sandbox.Faults.Add(FaultKind.RunHeldProcessing, times: null);

        for (var seed = 1; seed <= 2; seed++)
            await instances[0].GenerateAsync(Requests.Small(seed), Keys.AsAdmin, Async);

        // A worker that nothing wakes reads rows every thirty seconds.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        await instances.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations == 2, patience.Token);
        Assert.Equal(2, (await instances.Store.QueryAsync(
            """SELECT DISTINCT "Lease_Owner" FROM "Generations" WHERE "Lease_Owner" IS NOT NULL""")).Count);
    }

    [Fact]
    public async Task Free_runs_are_exact_over_all_instances()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(
            3, new() { ["Accounts:FreeRuns"] = "5", ["Models:Prices:sandbox/partial:PerImage"] = "0.01" });

        var made = await Task.WhenAll(Enumerable.Range(1, 12).Select(seed => instances[seed % 3].GenerateAsync(
            new { prompt = "a fox", seed, model = "sandbox/partial", num_outputs = 1, width = 64, height = 64 }, Keys.AsAdmin)));

        Assert.All(made, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(5, await instances.Store.ExecuteAsync("""SELECT COUNT(*) FROM "UsageEntries" WHERE "IsFree" """));
        Assert.Equal(7, made.Count(answer => answer["cost", "usd"].GetString() == "0.01"));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var round = 0; !condition(); round++)
        {
            Assert.True(round < 1_000, "It took too long.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        }
    }
}
