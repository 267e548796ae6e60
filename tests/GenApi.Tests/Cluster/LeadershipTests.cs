using GenApi.Core.Cluster;

namespace GenApi.Tests.Cluster;

/// <summary>Tests that one instance leads at a time, and that a former leader finds out.</summary>
public sealed class LeadershipTests
{
    [Fact]
    public async Task The_first_leads_and_the_next_one_takes_over_when_it_is_silent()
    {
        await using var all = await CoreInstances.StartAsync();
        Assert.Equal((true, false), (all[0].Leadership.IsLeader, all[1].Leadership.IsLeader));
        Assert.Equal(1, all[0].Leadership.Term);

        all.Time.Advance(TimeSpan.FromSeconds(8));
        await all[0].BeatAsync();
        await all[1].BeatAsync();
        Assert.Equal((true, false), (all[0].Leadership.IsLeader, all[1].Leadership.IsLeader));
        all.Time.Advance(TimeSpan.FromSeconds(5));
        await all[1].BeatAsync();
        all.Time.Advance(TimeSpan.FromSeconds(5));
        await all[1].BeatAsync();

        Assert.Equal((false, true, 2), (all[0].Leadership.IsLeader, all[1].Leadership.IsLeader, all[1].Leadership.Term));
        Assert.Equal((false, true), (await ConfirmAsync(all[0]), await ConfirmAsync(all[1])));
        await all[0].BeatAsync();
        Assert.Equal((false, true), (all[0].Leadership.IsLeader, all[1].Leadership.IsLeader));
        Assert.False(await ConfirmAsync(all[0]));
    }

    [Fact]
    public async Task A_leader_that_others_have_replaced_is_not_confirmed_however_long_it_trusts_itself()
    {
        await using var all = await CoreInstances.StartAsync();

        await all.Store.ExecuteAsync($"UPDATE LeaderTerms SET Holder = '{all[1].Cluster.InstanceId}', Term = 7 WHERE Name = 'leader'");

        Assert.True(all[0].Leadership.IsLeader);
        Assert.False(await ConfirmAsync(all[0]));
        await all[0].BeatAsync();
        Assert.False(all[0].Leadership.IsLeader);
    }

    [Fact]
    public async Task A_leader_that_leaves_is_replaced_at_the_next_heartbeat()
    {
        await using var all = await CoreInstances.StartAsync();

        await all[0].LeaveAsync();
        await all[1].BeatAsync();

        Assert.Equal((false, true, 2), (all[0].Leadership.IsLeader, all[1].Leadership.IsLeader, all[1].Leadership.Term));
        var leader = Assert.Single(await all[1].Get<ClusterReport>().ListAsync(TestContext.Current.CancellationToken));
        Assert.True(leader.IsLeader);
    }

    private static Task<bool> ConfirmAsync(CoreInstance instance) =>
        instance.WriteAsync((db, token) => instance.Leadership.ConfirmAsync(db, token));
}
