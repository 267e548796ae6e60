using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Worker;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Cluster;

/// <summary>Tests how long an instance holds its runs, who takes them over, and what one that wakes up may still do.</summary>
public sealed class InstanceLeaseTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_heartbeat_renews_the_instance_and_its_rows_and_takes_nothing_from_the_living()
    {
        await using var all = await CoreInstances.StartAsync();
        var row = await all.AcceptAsync();
        var run = Assert.Single(await all[0].ClaimAsync());
        Assert.Equal((all[0].Cluster.InstanceId, 1), (run.Generation.Lease.Owner, run.Generation.Lease.Epoch));

        all.Time.Advance(TimeSpan.FromSeconds(8));
        await all[0].BeatAsync();
        all.Time.Advance(TimeSpan.FromSeconds(8));
        await all[1].BeatAsync();

        var held = await all.ReadAsync(row);
        Assert.Equal((all[0].Cluster.InstanceId, 1, 1), (held.Lease.Owner, held.Lease.Epoch, held.Revision));
        Assert.Equal(all.Time.GetUtcNow().AddSeconds(2), held.Lease.Until);
        Assert.Equal((2, true, true), (all[1].Cluster.LiveInstances, all[0].Cluster.IsAlive, all[1].Cluster.IsAlive));
        Assert.Empty(await all[1].ClaimAsync());
    }

    [Fact]
    public async Task Rows_of_a_silent_instance_are_freed_after_its_lease_and_claimed_under_the_next_epoch()
    {
        await using var all = await CoreInstances.StartAsync();
        var row = await all.AcceptAsync();
        var run = Assert.Single(await all[0].ClaimAsync());
        all.Time.Advance(TimeSpan.FromSeconds(5));
        await all[1].BeatAsync();
        all.Time.Advance(TimeSpan.FromSeconds(5.1));
        Assert.Empty(await all[1].ClaimAsync());

        await all[1].BeatAsync();
        var other = Assert.Single(await all[1].ClaimAsync());

        Assert.Equal(row.Id, other.Generation.Id);
        Assert.Equal((all[1].Cluster.InstanceId, 2), (other.Generation.Lease.Owner, other.Generation.Lease.Epoch));
        Assert.Equal(1, all[1].Cluster.LiveInstances);
        // The one that was silent sends nothing, and writes nothing of what it held, also after it has joined again.
        Assert.False(all[0].Cluster.IsAlive);
        Assert.True(run.Alive.IsCancellationRequested);
        await Assert.ThrowsAsync<LeaseLostException>(() => CancelAsync(all[0], run));
        await all[0].BeatAsync();
        Assert.True(all[0].Cluster.IsAlive);
        await Assert.ThrowsAsync<LeaseLostException>(() => CancelAsync(all[0], run));
        Assert.Equal(GenerationStatus.Queued, (await all.ReadAsync(row)).Status);
        await CancelAsync(all[1], other);
        Assert.Equal(GenerationStatus.Canceled, (await all.ReadAsync(row)).Status);
    }

    /// <summary>
    /// A commit may be stored although its answer is lost, and the writer gives up after a while. The claim counts then, and nobody knows.
    /// </summary>
    [Fact]
    public async Task Rows_that_an_instance_holds_without_working_on_them_are_freed_and_those_that_it_works_on_are_not()
    {
        await using var all = await CoreInstances.StartAsync(1);
        var (lost, walked) = (await all.AcceptAsync(), await all.AcceptAsync());
        Assert.Equal(2, (await all[0].ClaimAsync()).Count);
        all[0].Leases.Walked = () => [walked.Id];

        await all[0].BeatAsync();
        // Its work may have been about to begin.
        Assert.Equal(all[0].Cluster.InstanceId, (await all.ReadAsync(lost)).Lease.Owner);
        await all[0].BeatAsync();

        Assert.Null((await all.ReadAsync(lost)).Lease.Owner);
        var held = (await all.ReadAsync(walked)).Lease;
        Assert.Equal((all[0].Cluster.InstanceId, 1), (held.Owner, held.Epoch));
        var again = Assert.Single(await all[0].ClaimAsync());
        Assert.Equal((lost.Id, 2), (again.Generation.Id, again.Generation.Lease.Epoch));
    }

    [Fact]
    public async Task An_instance_whose_lease_ended_begins_again_even_where_nobody_has_taken_over()
    {
        await using var all = await CoreInstances.StartAsync(1);
        var row = await all.AcceptAsync();
        var run = Assert.Single(await all[0].ClaimAsync());
        var alive = all[0].Cluster.Alive;

        // Its own trust ends before the lease does, so what it began is dropped although the database would still let it write.
        all.Time.Advance(Lease * 0.9);
        Assert.True(alive.IsCancellationRequested);
        Assert.Empty(await all[0].ClaimAsync());
        await all[0].BeatAsync();

        Assert.False(all[0].Cluster.Alive.IsCancellationRequested);
        await Assert.ThrowsAsync<LeaseLostException>(() => CancelAsync(all[0], run));
        var again = Assert.Single(await all[0].ClaimAsync());
        Assert.Equal((row.Id, 2), (again.Generation.Id, again.Generation.Lease.Epoch));
        // The same row, the same owner, and still not the lease that the first run knows.
        await Assert.ThrowsAsync<LeaseLostException>(() => CancelAsync(all[0], run));
    }

    [Fact]
    public async Task A_lease_that_was_trusted_too_long_ago_is_renewed_by_a_second_heartbeat()
    {
        await using var all = await CoreInstances.StartAsync(1);
        var cluster = (SharedCluster)all[0].Cluster;
        var beat = new Heartbeat(cluster.InstanceId, all.Time.GetUtcNow(), all.Time.GetUtcNow() + Lease)
        {
            IsNew = false,
            Live = 1,
            Lost = [],
            AskedAt = ClockReading.Now(all.Time),
        };

        // The answer took longer than the lease: runs were dropped meanwhile, and their rows still have to be freed.
        all.Time.Advance(Lease);
        Assert.False(cluster.Renewed(beat));

        Assert.False(cluster.IsAlive);
        await all[0].BeatAsync();
        Assert.True(cluster.IsAlive);
    }

    [Fact]
    public void A_machine_that_was_suspended_notices_by_its_wall_clock()
    {
        var steady = new FakeTimeProvider();
        var time = new SteppedClock(steady);
        var reading = ClockReading.Now(time);

        // The monotonic clock stood still meanwhile.
        time.Step(TimeSpan.FromSeconds(30));
        Assert.Equal(30, reading.Elapsed(time).TotalSeconds);
        // A clock that is set back makes nothing longer.
        time.Step(TimeSpan.FromHours(-2));
        steady.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, reading.Elapsed(time).TotalSeconds);
    }

    [Fact]
    public async Task A_claim_takes_only_what_nobody_holds_and_leaves_out_what_is_locked()
    {
        await using var all = await CoreInstances.StartAsync(1);
        var rows = new List<Generation>();
        for (var at = 0; at < 4; at++)
            rows.Add(await all.AcceptAsync());
        // Statistics of a table of one row are what makes a planner run an inner query again for each row.
        await all.Store.ExecuteAsync("UPDATE Generations SET Lease_Owner = 'another', Lease_Until = 1 WHERE Number = 2");
        await using var connection = await all.Store.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Ended);
        await using var command = connection.CreateCommand();
        command.CommandText = """SELECT 1 FROM "Generations" WHERE "Number" = 3 FOR UPDATE""";
        await command.ExecuteScalarAsync(Ended);

        var claimed = await all[0].WriteAsync(
            (db, token) => db.ClaimGenerationsAsync([1, 2, 3], all[0].Cluster.NextLease, token));

        Assert.Equal([1], claimed);
        Assert.Equal((0, 1), ((await all.ReadAsync(rows[3])).Lease.Epoch, (await all.ReadAsync(rows[0])).Lease.Epoch));
    }

    [Fact]
    public async Task One_that_leaves_is_gone_at_once_and_one_that_starts_takes_over_nothing_of_the_living()
    {
        await using var all = await CoreInstances.StartAsync();
        await all[0].Get<StartupTakeover>().TakeOverAsync(Ended);
        var row = await all.AcceptAsync();
        var run = Assert.Single(await all[0].ClaimAsync());

        var third = await all.AddAsync();
        await third.Get<StartupTakeover>().TakeOverAsync(Ended);
        Assert.Empty(await third.ClaimAsync());
        await CancelAsync(all[0], run);
        await all[0].LeaveAsync();
        await all[1].BeatAsync();

        Assert.Equal(GenerationStatus.Canceled, (await all.ReadAsync(row)).Status);
        Assert.Equal((2, false), (all[1].Cluster.LiveInstances, all[0].Cluster.IsAlive));
        var shown = await third.Get<ClusterReport>().ListAsync(Ended);
        Assert.Equal(new[] { all[1].Cluster.InstanceId, third.Cluster.InstanceId }.ToHashSet(), shown.Select(each => each.Id).ToHashSet());
        Assert.DoesNotContain(all[1].Log.Lines, line => line.Contains("has not renewed its lease", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_instance_that_must_be_alone_refuses_another_and_is_refused_beside_one()
    {
        await using var all = await CoreInstances.StartAsync(0);
        // A refusal waits as long as the lease of a dead one could last.
        all.LeaseSeconds = 2;
        var first = await all.AddAsync("Blobs:Provider=disk keeps the images on the disk of one machine");

        var refused = await Assert.ThrowsAsync<SettingException>(() => all.AddAsync());
        Assert.Contains("must be alone", refused.Message, StringComparison.Ordinal);
        await first.LeaveAsync();
        await all.AddAsync();

        refused = await Assert.ThrowsAsync<SettingException>(() => all.AddAsync("The embedded sandbox runs inside one process"));
        Assert.StartsWith(
            "Database:ConnectionString: The embedded sandbox runs inside one process, so this instance must be alone", refused.Message,
            StringComparison.Ordinal);
    }

    private static Task<Generation> CancelAsync(CoreInstance instance, GenerationRun run) => instance.Get<GenerationStateWriter>()
        .SaveAsync(run.Generation, row => row.MarkCanceled(run.Now), Ended);
}
