using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Worker;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate.Calls;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Tests.Generations;

/// <summary>Tests which rows a process claims, when it asks for them, and for how long it holds them.</summary>
public sealed class QueueTests : IAsyncLifetime, IClassFixture<CoreRig>
{
    private readonly CoreRig _rig;
    private readonly GenerationLeases _leases;
    private readonly GenerationQueue _queue;
    private readonly List<GenerationRun> _runs = [];

    public QueueTests(CoreRig rig)
    {
        _rig = rig;
        _rig.Forget();
        // Rows that another test has claimed belong to another owner.
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        _leases = rig.Make<GenerationLeases>();
        _queue = rig.Make<GenerationQueue>(_leases, rig.Make<FairScheduler>());
    }

    public async ValueTask InitializeAsync() => await _rig.Writer.WriteAsync(
        (db, token) => db.Set<Generation>().ExecuteDeleteAsync(token), CoreRig.Stop);

    public ValueTask DisposeAsync()
    {
        _runs.ForEach(run => run.ReleasePermit());
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_under_way_is_claimed_first_the_oldest_first_and_with_it_what_only_has_to_be_canceled()
    {
        var (waiting, sent, canceled) = (await AddAsync(), await AddAsync(Sent), await AddAsync(row => row.RequestCancel(_rig.Now)));
        await AddAsync(Ended);
        await AddAsync(row => row.Claim(Lease.For("another", _rig.Now)), Sent);
        await AddAsync("sandbox", Sent);

        var claimed = await _queue.ClaimUnderWayAsync(50, CoreRig.Stop);

        Assert.Equal([sent.Id, canceled.Id], claimed.Select(row => row.Id));
        Assert.All(claimed, row => Assert.True(_leases.Holds(row)));
        var stored = (await _rig.ReadAsync(sent.Id))!;
        Assert.Equal((_leases.Owner, _rig.Now + Lease.Term), (stored.Lease.Owner, stored.Lease.Until));
        Assert.Null((await _rig.ReadAsync(waiting.Id))!.Lease.Owner);
        // There was room for more, so there is no more until a lease runs out.
        Assert.False(_queue.MayBeUnderWay);
        await AddAsync(Sent);
        Assert.Empty(await _queue.ClaimUnderWayAsync(50, CoreRig.Stop));
        _queue.LeasesFreed();
        Assert.Single(await _queue.ClaimUnderWayAsync(50, CoreRig.Stop));
    }

    [Theory]
    [InlineData(2, 2, true)]
    [InlineData(3, 3, true)]
    [InlineData(4, 3, false)]
    public async Task As_many_as_there_is_room_for_are_claimed_and_then_there_may_be_more(int atMost, int claimed, bool mayBeMore)
    {
        for (var count = 0; count < 3; count++)
            await AddAsync(Sent);

        Assert.Equal(claimed, (await _queue.ClaimUnderWayAsync(atMost, CoreRig.Stop)).Count);

        Assert.Equal(mayBeMore, _queue.MayBeUnderWay);
    }

    [Fact]
    public async Task A_hundred_are_claimed_at_once_so_that_callers_get_in_between()
    {
        await _rig.Writer.WriteAsync(async (db, token) =>
        {
            db.AddRange(Enumerable.Range(0, 101).Select(_ => Made("replicate", Sent)));
            await db.SaveChangesAsync(token);
        }, CoreRig.Stop);

        Assert.Equal(100, (await _queue.ClaimUnderWayAsync(500, CoreRig.Stop)).Count);
        Assert.Single(await _queue.ClaimUnderWayAsync(500, CoreRig.Stop));
    }

    [Fact]
    public async Task While_none_is_known_to_wait_the_rows_are_read_every_half_minute_only()
    {
        Assert.Empty(await _queue.ClaimWaitingAsync(5, CoreRig.Stop));
        var row = await AddAsync();
        Pass(29.999);
        Assert.Empty(await _queue.ClaimWaitingAsync(5, CoreRig.Stop));

        Pass(0.001);
        Assert.Equal(row.Id, Assert.Single(await _queue.ClaimWaitingAsync(5, CoreRig.Stop)).Id);

        await AddAsync();
        Assert.Empty(await _queue.ClaimWaitingAsync(5, CoreRig.Stop));
        _queue.MayWait();
        Assert.Single(await _queue.ClaimWaitingAsync(5, CoreRig.Stop));
    }

    [Fact]
    public async Task After_a_full_claim_there_may_be_more_and_after_another_there_is_not()
    {
        for (var count = 0; count < 3; count++)
            await AddAsync();

        Assert.Equal(2, (await _queue.ClaimWaitingAsync(2, CoreRig.Stop)).Count);
        Assert.Single(await _queue.ClaimWaitingAsync(2, CoreRig.Stop));
        await AddAsync();
        Assert.Empty(await _queue.ClaimWaitingAsync(2, CoreRig.Stop));
        _queue.LeasesFreed();
        Assert.Single(await _queue.ClaimWaitingAsync(2, CoreRig.Stop));
    }

    [Fact]
    public async Task A_claim_that_failed_is_made_again()
    {
        Assert.Empty(await _queue.ClaimWaitingAsync(2, CoreRig.Stop));
        Pass(30);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _queue.ClaimWaitingAsync(2, new CancellationToken(canceled: true)));

        await AddAsync();
        Assert.Single(await _queue.ClaimWaitingAsync(2, CoreRig.Stop));
    }

    [Fact]
    public async Task Leases_are_renewed_every_ten_seconds_and_those_that_ran_out_are_freed()
    {
        var own = await AddAsync(row => row.Claim(_leases.Next()));
        var foreign = await AddAsync(row => row.Claim(Lease.For("another", _rig.Now)));
        var ended = await AddAsync(Ended);
        var began = _rig.Now;

        Assert.False(await _leases.RenewAsync(CoreRig.Stop));
        Pass(9.999);
        Assert.False(await _leases.RenewAsync(CoreRig.Stop));
        Assert.Equal(began.AddSeconds(30), (await _rig.ReadAsync(own.Id))!.Lease.Until);
        Pass(0.001);
        Assert.False(await _leases.RenewAsync(CoreRig.Stop));
        var renewed = (await _rig.ReadAsync(own.Id))!;
        Assert.Equal((began.AddSeconds(40), 1, _leases.Owner), (renewed.Lease.Until, renewed.Revision, renewed.Lease.Owner));

        // It ends when its time is over, and not at that moment.
        Pass(20);
        Assert.False(await _leases.RenewAsync(CoreRig.Stop));
        Assert.Equal("another", (await _rig.ReadAsync(foreign.Id))!.Lease.Owner);
        Pass(10);
        Assert.True(await _leases.RenewAsync(CoreRig.Stop));

        var freed = (await _rig.ReadAsync(foreign.Id))!;
        // A process that still believes it holds the row notices by the revision.
        Assert.Equal((new Lease(null, null, 1), 2), (freed.Lease, freed.Revision));
        Assert.Equal(_rig.Now.AddSeconds(30), (await _rig.ReadAsync(own.Id))!.Lease.Until);
        Assert.Equal(1, (await _rig.ReadAsync(ended.Id))!.Revision);
    }

    [Fact]
    public async Task At_a_start_every_lease_is_freed_and_at_a_stop_the_own_ones()
    {
        var own = await AddAsync(row => row.Claim(_leases.Next()));
        var foreign = await AddAsync(row => row.Claim(Lease.For("you", _rig.Now)));

        await _leases.ReleaseAsync(CoreRig.Stop);
        Assert.Equal((null, "you"), ((await _rig.ReadAsync(own.Id))!.Lease.Owner, (await _rig.ReadAsync(foreign.Id))!.Lease.Owner));
        await _rig.Writer.WriteAsync((db, token) => _leases.FreeAllAsync(db, token), CoreRig.Stop);

        var freed = (await _rig.ReadAsync(foreign.Id))!;
        Assert.Equal((new Lease(null, null, 1), 2), (freed.Lease, freed.Revision));
        // Nothing is to be renewed yet.
        await _rig.EditAsync(own, row => row.Claim(Lease.For("another", _rig.Now.AddHours(-1))));
        Pass(9.999);
        Assert.False(await _leases.RenewAsync(CoreRig.Stop));
        Pass(0.001);
        Assert.True(await _leases.RenewAsync(CoreRig.Stop));
    }

    [Fact]
    public void Every_process_has_a_name_of_its_own()
    {
        var (one, other) = (new InstanceName(_rig.Time), new InstanceName(_rig.Time));

        Assert.Equal(_rig.Get<InstanceName>().Id, _leases.Owner);
        Assert.NotEqual(one.Id, other.Id);
        Assert.StartsWith($"{Environment.MachineName}-{Environment.ProcessId:x}-", one.Id, StringComparison.Ordinal);
        Assert.InRange(one.Id.Length, 1, 64);
    }

    [Fact]
    public async Task Runs_are_supplied_as_far_as_there_is_room_in_flight()
    {
        var (source, limit) = Source();
        await AddAsync(Sent);
        await AddAsync(Stored);
        for (var count = 0; count < 3; count++)
            await AddAsync();
        for (var taken = 0; taken < 97; taken++)
            limit.Acquire();

        // Three are free: one is needed for what is under way, none for what is only stored, so two of those that wait may go.
        var runs = await NextAsync(source, () => Assert.Fail("Nothing opens."));

        Assert.Equal(
            [GenerationStatus.Queued, GenerationStatus.Storing, GenerationStatus.Queued, GenerationStatus.Queued],
            runs.Select(run => run.Generation.Status));
        Assert.Equal([false, false, true, true], runs.Select(HasPermit));
        for (var taken = 0; taken < 3; taken++)
            limit.Acquire();
        Assert.Empty(await NextAsync(source, () => Assert.Fail("Nothing opens.")));
        limit.Release();
        Assert.Single(await NextAsync(source, () => { }));
    }

    [Fact]
    public async Task What_is_under_way_comes_before_anything_that_waits()
    {
        var (source, limit) = Source();
        for (var taken = 0; taken < 98; taken++)
            limit.Acquire();
        for (var count = 0; count < 3; count++)
            await AddAsync(Stored);
        await AddAsync();
        var again = 0;

        Assert.Equal(2, (await NextAsync(source, () => again++)).Count);
        Assert.Equal(1, again);
        Assert.Equal(
            [GenerationStatus.Storing, GenerationStatus.Queued],
            (await NextAsync(source, () => again++)).Select(run => run.Generation.Status));
        Assert.Equal(1, again);
    }

    [Fact]
    public async Task Permits_that_no_row_needs_are_given_back()
    {
        var (source, _) = Source();
        await AddAsync();

        var run = Assert.Single(await NextAsync(source, () => { }));

        using var own = run.ClaimPermit();
        // 32 creations may be under way at once.
        var left = _rig.Get<ReplicateRateGate>().TakeToCreate(100);
        Assert.Equal(31, left.Count);
        foreach (var permit in left)
            permit.Dispose();
    }

    private (RunSource Source, InFlightLimit Limit) Source()
    {
        var limit = _rig.Make<InFlightLimit>();
        return (_rig.Make<RunSource>(_queue, _leases, limit), limit);
    }

    private async Task<IReadOnlyList<GenerationRun>> NextAsync(RunSource source, Action again)
    {
        var runs = await source.NextAsync(again, CoreRig.Stop);
        _runs.AddRange(runs);
        return runs;
    }

    private static bool HasPermit(GenerationRun run)
    {
        using var permit = run.ClaimPermit();
        return permit is not null;
    }

    private Task<Generation> AddAsync(params Action<Generation>[] changes) => AddAsync("replicate", changes);

    private Task<Generation> AddAsync(string upstream, params Action<Generation>[] changes) => _rig.AddAsync(Made(upstream, changes));

    private Generation Made(string upstream, params Action<Generation>[] changes)
    {
        var row = Generation.Accept(CoreRig.New("a fox", upstream: upstream), _rig.Now);
        Array.ForEach(changes, change => change(row));
        return row;
    }

    private void Sent(Generation row) => row.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));

    private void Stored(Generation row)
    {
        Sent(row);
        row.MarkAccepted($"p-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}", _rig.Now);
        row.MarkStoring(TransitionTests.Files(1), null, default, _rig.Now);
    }

    private void Ended(Generation row) => row.MarkCanceled(_rig.Now);

    private void Pass(double seconds) => _rig.Time.Advance(TimeSpan.FromSeconds(seconds));
}
