using GenApi.Core.Maintenance.Cleanup;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Cluster;

/// <summary>Tests restarts under load, and tasks of a leader that two instances do at once.</summary>
public sealed class RollingRestartTests
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Generations:SettleSeconds"] = "0.5",
        ["Replicate:CreationsPerMinute"] = "1000000",
        ["Replicate:ReadsPerMinute"] = "1000000",
        ["Upkeep:KeepDays"] = "30",
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Each_instance_in_turn_is_restarted_under_load_and_callers_lose_nothing()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(3, Settings);
        const int Count = 90;
        var next = 0;
        var made = new Answer[Count];
        var calling = Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            for (int at; (at = Interlocked.Increment(ref next) - 1) < Count;)
            {
                var accepted = await instances.GenerateAsync(Requests.Small(at + 1), $"request-{at}", ("Prefer", "respond-async"));
                Assert.True(accepted.Status is 200 or 202, accepted.Text);
                made[at] = await instances.EndedAsync(accepted.Id);
            }
        }, Ended)));

        // The first one, which owns the sandbox, is restarted last.
        foreach (var app in instances.All.Reverse())
            await app.RestartAsync();
        await calling;

        Assert.All(made, answer => Assert.Equal("succeeded", answer.State));
        Assert.Equal((Count, Count), (instances.Sandbox.Stats.Creations, made.Select(answer => answer.Id).Distinct().Count()));
        Assert.Equal(Count, await instances.Store.ExecuteAsync("SELECT count(*) FROM UsageEntries WHERE Kind = 'Run'"));
        Assert.Equal(3, await instances.Store.ExecuteAsync("SELECT count(*) FROM Instances"));
        Assert.DoesNotContain(
            instances.All.SelectMany(app => app.Logs), line => line.Contains("unhandled", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The leader may be wrong about itself for a moment, so all that it does must be harmless when two do it.</summary>
    [Fact(Explicit = true)]
    public async Task What_two_leaders_do_at_once_is_done_once()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2, Settings);
        for (var seed = 1; seed <= 20; seed++)
            await instances[seed % 2].GenerateAsync(Requests.Small(seed), Keys.AsAdmin);
        await instances.Store.ExecuteAsync(
            $"UPDATE Generations SET UsedOn = {TestStore.Day(-31)}, CompletedAt = CompletedAt - {TimeSpan.FromDays(31).Ticks} "
            + "WHERE Seed <= 10");
        var now = TimeProvider.System.GetUtcNow();

        await Task.WhenAll(instances.All.Select(async app =>
        {
            await app.Services.GetRequiredService<Retention>().ForgetUnusedAsync(now, Ended);
            await app.Services.GetRequiredService<Sweeps>().RunAsync(now, Ended);
        }));

        Assert.Equal(10, await instances.Store.ExecuteAsync("SELECT count(*) FROM Generations"));
        Assert.Equal(20, await instances.Store.ExecuteAsync("SELECT count(*) FROM UsageEntries WHERE Kind = 'Run'"));
        Assert.Equal(10, await instances.Store.ExecuteAsync("SELECT count(*) FROM Images"));
        var kept = await instances.Store.QueryAsync("SELECT DISTINCT BlobKey FROM Images");
        Assert.Empty(kept.Except(await instances.Store.NeededBlobsAsync()));
        for (var seed = 11; seed <= 20; seed++)
        {
            var hit = await instances[seed % 2].GenerateAsync(Requests.Small(seed), Keys.AsAdmin);
            Assert.Equal("GenApi; hit", hit.Header("Cache-Status"));
            Assert.Equal(200, (await instances[seed % 2].GetAsync(hit.ImageUrl().PathAndQuery, Keys.AsAdmin)).Status);
        }
    }

    /// <summary>Another instance has taken the term, and this one does not know yet.</summary>
    [Fact(Explicit = true)]
    public async Task A_leader_whose_term_was_taken_leads_no_more_and_one_of_them_leads()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(3, new(Settings) { ["Cluster:LeaseSeconds"] = "4" });
        await UntilAsync(() => Task.FromResult(instances.All.Count(IsLeader) == 1));
        var term = await TermAsync(instances);

        await instances.Store.ExecuteAsync("UPDATE LeaderTerms SET Holder = 'somebody who is dead', Term = Term + 1");

        await UntilAsync(() => Task.FromResult(!instances.All.Any(IsLeader)));
        await UntilAsync(() => Task.FromResult(instances.All.Count(IsLeader) == 1));
        Assert.True(await TermAsync(instances) > term + 1);
    }

    private static Task<long> TermAsync(Instances instances) => instances.Store.ExecuteAsync("SELECT Term FROM LeaderTerms");

    private static bool IsLeader(GenApiApp app) => app.Services.GetRequiredService<Core.Cluster.ILeadership>().IsLeader;

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }
}
