using GenApi.Core.Cluster;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Replicate.Calls;

namespace GenApi.Tests.Generations;

/// <summary>Tests which new generations begin at once, and that what they had taken comes back where they do not.</summary>
public sealed class DirectRunTests : IAsyncLifetime, IClassFixture<DirectRunTests.Rig>
{
    private readonly CoreRig _rig;
    private readonly GenerationQueue _queue;
    private readonly InFlightLimit _limit;
    private readonly List<GenerationRun> _begun = [];

    public DirectRunTests(Rig rig)
    {
        (_rig = rig).Forget();
        _queue = rig.Make<GenerationQueue>();
        _limit = rig.Make<InFlightLimit>();
    }

    /// <summary>The first round of a worker, which finds nothing.</summary>
    public async ValueTask InitializeAsync()
    {
        Assert.False(_queue.IsEmpty);
        Assert.Empty(await _queue.ClaimUnderWayAsync(10, CoreRig.Stop));
        Assert.Empty(await _queue.ClaimWaitingAsync(10, CoreRig.Stop));
    }

    public ValueTask DisposeAsync()
    {
        _begun.ForEach(run => run.ReleasePermit());
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task With_an_empty_queue_it_is_claimed_and_about_to_be_sent_when_it_is_accepted()
    {
        var direct = Direct();
        using var place = direct.NewPlace();

        var (made, isTaken) = await TakeAsync(place);

        Assert.True(isTaken);
        Assert.Equal((_rig.Get<ICluster>().InstanceId, 1, 1L), (made.Lease.Owner, made.Attempts, made.Lease.Epoch));
        Assert.Equal((_rig.Now, _rig.Now.AddSeconds(made.CancelAfterSeconds!.Value)), (made.SubmittingAt, made.DeadlineAt));
        Assert.Empty(_begun);
        _rig.Get<GenerationTimelines>().Begin(made);
        place.Begin(made);
        var run = Assert.Single(_begun);
        Assert.Same(made, run.Generation);
        Assert.Equal((true, null, 1, 31), (run.MustSend, run.SentAt, _limit.Count, Permits()));
        place.Dispose();
        Assert.Equal((1, 31), (_limit.Count, Permits()));
    }

    [Theory]
    [InlineData("waiting")]
    [InlineData("files")]
    [InlineData("in flight")]
    [InlineData("permits")]
    [InlineData("not open")]
    [InlineData("closed")]
    public async Task Otherwise_it_waits_in_the_queue_and_nothing_is_taken(string why)
    {
        var direct = why == "not open" ? _rig.Make<DirectRuns>(_queue, _limit) : Direct();
        IReadOnlyList<CallPermit> held = why == "permits" ? _rig.Get<ReplicateRateGate>().TakeToCreate(32) : [];
        if (why == "waiting")
            _queue.MayWait();
        if (why == "in flight")
            Enumerable.Range(0, Rig.MostInFlight).ToList().ForEach(_ => _limit.Acquire());
        if (why == "closed")
            await direct.CloseAsync();
        var (inFlight, permits) = (_limit.Count, Permits());
        using var place = direct.NewPlace();

        var (made, isTaken) = await TakeAsync(place, why == "files" ? "[]" : null);

        Assert.False(isTaken);
        Assert.Equal((null, 0, null), (made.Lease.Owner, made.Attempts, made.SubmittingAt));
        Assert.Equal((inFlight, permits), (_limit.Count, Permits()));
        place.Begin(made);
        Assert.Empty(_begun);
        foreach (var permit in held)
            permit.Dispose();
    }

    [Fact]
    public async Task What_a_lost_transaction_had_taken_comes_back_and_a_second_try_takes_it_once()
    {
        var direct = Direct();
        using (var place = direct.NewPlace())
        {
            Assert.True((await TakeAsync(place)).IsTaken);
            Assert.True((await TakeAsync(place)).IsTaken);
            Assert.Equal((1, 31), (_limit.Count, Permits()));
        }

        Assert.Equal((0, 32), (_limit.Count, Permits()));
        Assert.Empty(_begun);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stop_waits_for_the_transactions_under_way(bool isCommitted)
    {
        var direct = Direct();
        using var place = direct.NewPlace();
        var (made, _) = await TakeAsync(place);

        var closing = direct.CloseAsync();
        Assert.False(closing.IsCompleted);
        _rig.Get<GenerationTimelines>().Begin(made);
        if (isCommitted)
            place.Begin(made);
        else
            place.Dispose();

        await closing.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CoreRig.Stop);
        Assert.Equal(isCommitted ? 1 : 0, _begun.Count);
    }

    private DirectRuns Direct()
    {
        var direct = _rig.Make<DirectRuns>(_queue, _limit);
        direct.Open(_begun.Add);
        return direct;
    }

    private async Task<(Generation Made, bool IsTaken)> TakeAsync(DirectRuns.Place place, string? files = null)
    {
        var made = Generation.Accept(CoreRig.New("a fox", files: files), _rig.Now);
        return (made, await _rig.Writer.WriteAsync((db, _) => Task.FromResult(place.TryTake(db, made)), CoreRig.Stop));
    }

    /// <summary>Counts the permits to create that are free.</summary>
    private int Permits()
    {
        var permits = _rig.Get<ReplicateRateGate>().TakeToCreate(100);
        foreach (var permit in permits)
            permit.Dispose();
        return permits.Count;
    }

    public sealed class Rig() : CoreRig(("Replicate:MaxInFlight", $"{MostInFlight}"))
    {
        internal const int MostInFlight = 3;
    }
}
