using GenApi.Core.Cluster;
using GenApi.Core.Cluster.Changes;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Persistence.Postgres;
using GenApi.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Cluster;

/// <summary>Tests what instances learn of each other's changes, and how fast.</summary>
public sealed class ChangeTailTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_change_of_another_instance_is_told_once_in_its_order_and_no_own_one()
    {
        await using var all = await CoreInstances.StartAsync();
        var row = await all.AcceptAsync();
        var run = Assert.Single(await all[0].ClaimAsync());
        await all[0].Get<GenerationStateWriter>().SaveAsync(run.Generation, each => each.RequestCancel(run.Now), Ended);
        await all[0].WriteAsync((db, token) => db.Set<Generation>().Where(each => each.Id == row.Id).ExecuteDeleteAsync(token));

        await RoundAsync(all[0]);
        await RoundAsync(all[1]);
        await RoundAsync(all[1]);

        // The claim and the lease are nobody else's concern.
        Assert.Equal(
            [StoreChangeKind.Generation, StoreChangeKind.Generation, StoreChangeKind.Cancel, StoreChangeKind.GenerationRemoved],
            Told(all[1], row).Select(change => change.Kind));
        Assert.Equal(
            [(long)GenerationMarks.IsWaiting, (long)GenerationMarks.None, null, null], Told(all[1], row).Select(change => change.Number));
        Assert.All(Told(all[1], row), change => Assert.Equal(
            (all[0].Cluster.InstanceId, row.OwnerId), (change.Source, change.Account)));
        Assert.Empty(all[0].Heard.All);
    }

    [Fact]
    public async Task What_a_transaction_takes_back_is_told_to_nobody()
    {
        await using var all = await CoreInstances.StartAsync();
        var row = Generation.Accept(CoreRig.New("a fox"), all.Time.GetUtcNow());

        await Assert.ThrowsAsync<InvalidOperationException>(() => all[0].WriteAsync<bool>(async (db, token) =>
        {
            db.Add(row);
            await db.SaveChangesAsync(token);
            throw new InvalidOperationException("no");
        }));
        await RoundAsync(all[1]);

        Assert.Empty(Told(all[1], row));
    }

    [Fact]
    public async Task One_that_has_not_read_for_long_is_told_that_it_may_have_missed_something()
    {
        await using var all = await CoreInstances.StartAsync();
        var row = await all.AcceptAsync();
        all.Time.Advance(ChangeTail.LongestGap);
        await RoundAsync(all[1]);
        Assert.Equal((0, 1), (all[1].Heard.Losses, Told(all[1], row).Count));

        await all[0].WriteAsync((db, token) => db.Set<Generation>().ExecuteDeleteAsync(token));
        all.Time.Advance(ChangeTail.LongestGap + TimeSpan.FromSeconds(1));
        await RoundAsync(all[1]);

        // Everything was forgotten, so the change itself says nothing new.
        Assert.Equal((1, 1), (all[1].Heard.Losses, Told(all[1], row).Count));
    }

    [Fact]
    public async Task The_leader_removes_old_changes_and_no_other_instance_does()
    {
        await using var all = await CoreInstances.StartAsync();
        await all.AcceptAsync();
        await all.AcceptAsync();
        await all.Store.ExecuteAsync("UPDATE Changes SET At = 1");
        all.Time.Advance(TimeSpan.FromMinutes(1));
        await all[0].BeatAsync();
        await all[0].BeatAsync();

        await RoundAsync(all[1]);
        Assert.Equal(2, await all.Store.ExecuteAsync("SELECT count(*) FROM Changes WHERE At = 1"));
        await RoundAsync(all[0]);
        // The last one stays.
        Assert.Equal(1, await all.Store.ExecuteAsync("SELECT count(*) FROM Changes WHERE At = 1"));
    }

    [Fact]
    public async Task A_notification_wakes_a_listener_that_is_tested_first()
    {
        await using var all = await CoreInstances.StartAsync(1);
        var notifications = all[0].Get<PostgresNotifications>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        var (woken, listening) = (new SemaphoreSlim(0), new TaskCompletionSource());
        var loop = notifications.ListenAsync(() => woken.Release(), () => listening.TrySetResult(), end.Token);
        await listening.Task.WaitAsync(TimeSpan.FromSeconds(20), Ended);
        Assert.True(await woken.WaitAsync(TimeSpan.FromSeconds(20), Ended));

        await notifications.NotifyAsync(Ended);

        Assert.True(await woken.WaitAsync(TimeSpan.FromSeconds(20), Ended));
        // A connection that is cut ends the listening, so that the loop opens another one.
        await (await PostgresServer.SharedAsync()).CutAsync(all.Store.Database!);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => loop.WaitAsync(TimeSpan.FromSeconds(20), Ended));
    }

    [Fact]
    public async Task Behind_a_pooler_nothing_is_listened_to()
    {
        Assert.SkipWhen(PostgresServer.PoolerMissing is not null, PostgresServer.PoolerMissing ?? "");
        await using var all = await CoreInstances.StartAsync(0);
        var port = await (await PostgresServer.SharedAsync()).PoolerAsync();
        using var source = new PostgresSource(Options.Create(new Core.Persistence.Files.DatabaseOptions
        {
            Provider = "postgres",
            ConnectionString = all.Store.ConnectionString(port),
        }));

        Assert.False(await new PostgresNotifications(source).ListenAsync(() => { }, () => { }, Ended));
    }

    private static Task RoundAsync(CoreInstance instance) => instance.Get<ChangeTail>().RoundAsync(Ended);

    private static List<StoreChange> Told(CoreInstance instance, Generation row) =>
        instance.Heard.All.FindAll(change => change.Subject == row.Id);
}
