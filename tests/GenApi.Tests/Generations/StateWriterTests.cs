using GenApi.Core.Accounts.Usage;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Execution;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;

namespace GenApi.Tests.Generations;

/// <summary>Tests that a transition is saved on the row as it is, once, and that those who wait hear of it.</summary>
public sealed class StateWriterTests : IClassFixture<CoreRig>
{
    private readonly CoreRig _rig;
    private readonly GenerationStateWriter _states;

    public StateWriterTests(CoreRig rig)
    {
        _rig = rig;
        _rig.Forget();
        _states = rig.Get<GenerationStateWriter>();
    }

    [Fact]
    public async Task A_transition_is_on_the_disk_with_the_next_revision_and_the_row_that_was_known_stays_as_it_was()
    {
        var known = await SentAsync();

        var saved = await _states.SaveAsync(known, row => row.MarkAccepted(Id(), _rig.Now), CoreRig.Stop);

        Assert.Equal((GenerationStatus.Starting, 2), (saved.Status, saved.Revision));
        Assert.Equal((GenerationStatus.Queued, 1), (known.Status, known.Revision));
        var row = (await _rig.ReadAsync(known.Id))!;
        Assert.Equal((saved.Status, saved.PredictionId, 2), (row.Status, row.PredictionId, row.Revision));
    }

    [Fact]
    public async Task Nothing_to_save_is_nothing_saved()
    {
        var known = await SentAsync();

        var saved = await _states.SaveAsync(known, static _ => false, null, CoreRig.Stop);

        Assert.Equal((1, 1), (saved.Revision, (await _rig.ReadAsync(known.Id))!.Revision));
    }

    [Fact]
    public async Task A_change_that_this_process_did_not_know_of_is_not_overwritten()
    {
        var known = await SentAsync();
        await _rig.EditAsync(known, row => row.RequestCancel(_rig.Now));

        var saved = await _states.SaveAsync(known, row => row.MarkAccepted(Id(), _rig.Now), CoreRig.Stop);

        Assert.Equal((GenerationStatus.Starting, 3), (saved.Status, saved.Revision));
        Assert.Equal(_rig.Now, (await _rig.ReadAsync(known.Id))!.CancelRequestedAt);
    }

    [Fact]
    public async Task What_has_ended_meanwhile_is_returned_as_it_is()
    {
        var known = await SentAsync();
        await _rig.EditAsync(known, row => row.MarkCanceled(_rig.Now));

        var saved = await _states.SaveAsync(known, row => row.MarkAccepted(Id(), _rig.Now), CoreRig.Stop);
        var again = await _states.SaveAsync(saved, row => row.MarkAccepted(Id(), _rig.Now), CoreRig.Stop);

        Assert.Equal((GenerationStatus.Canceled, 2, 2), (saved.Status, saved.Revision, again.Revision));
    }

    [Fact]
    public async Task A_row_of_another_process_and_one_that_is_gone_are_left_alone()
    {
        var (taken, unclaimed) = (await SentAsync(), await SentAsync(isClaimed: false));
        var gone = await SentAsync();
        await _rig.EditAsync(taken, row => row.Claim(Lease.For("another", _rig.Now)));
        await _rig.Get<Core.Generations.Removal.GenerationRemover>().RemoveAsync(gone.Id, CoreRig.Stop);

        foreach (var known in new[] { taken, unclaimed, gone, (await _rig.ReadAsync(taken.Id))! })
        {
            var lost = await Assert.ThrowsAsync<LeaseLostException>(
                () => _states.SaveAsync(known, row => row.MarkAccepted(Id(), _rig.Now), CoreRig.Stop));
            Assert.Contains(known.PublicId, lost.Message, StringComparison.Ordinal);
        }

        Assert.True((await _rig.ReadAsync(taken.Id))!.IsUncertain);
    }

    [Fact]
    public async Task An_end_is_in_the_ledger_and_in_memory_and_other_rows_go_with_it()
    {
        var known = await SentAsync();

        await _states.SaveAsync(
            known,
            row =>
            {
                row.MarkFailed(ErrorKind.UpstreamTimeout, "Not found.", _rig.Now);
                return true;
            },
            (db, token) =>
            {
                db.Add(Delivery(known.Id));
                return db.SaveChangesAsync(token);
            }, CoreRig.Stop);

        var entry = Assert.Single(await _rig.AllAsync<UsageEntry>(rows => rows.Where(each => each.GenerationId == known.Id)));
        Assert.Equal((UsageKind.Run, "failed"), (entry.Kind, entry.Status));
        Assert.Single(await _rig.AllAsync<WebhookSubscription>(rows => rows.Where(each => each.SubjectId == known.Id)));
        Assert.Equal(GenerationStatus.Failed, _rig.Get<GenerationCache>().Find(known.Id)?.Generation.Status);
    }

    [Fact]
    public async Task What_its_owner_has_deleted_is_not_held_in_memory()
    {
        var known = await SentAsync();
        await _rig.EditAsync(known, row => row.RequestDelete(_rig.Now));

        var saved = await _states.SaveAsync(known, row => row.MarkCanceled(_rig.Now), CoreRig.Stop);

        Assert.Equal(GenerationStatus.Canceled, saved.Status);
        Assert.Null(_rig.Get<GenerationCache>().Find(known.Id));
    }

    [Fact]
    public async Task A_step_wakes_those_who_follow_and_an_end_or_a_fault_wakes_everyone()
    {
        var known = await SentAsync();
        Assert.Equal((false, false), await WokenAsync(known, row => false));

        Assert.Equal((true, false), await WokenAsync(known, row => Accept(row)));
        known = (await _rig.ReadAsync(known.Id))!;
        Assert.Equal((true, false), await WokenAsync(known, row => row.Observe(true, null, null, null, null)));
        known = (await _rig.ReadAsync(known.Id))!;
        Assert.Equal((true, false), await WokenAsync(known, row => Store(row)));
        known = (await _rig.ReadAsync(known.Id))!;
        Assert.Equal((true, true), await WokenAsync(known, row => Fault(row)));
        known = (await _rig.ReadAsync(known.Id))!;
        Assert.Equal((true, true), await WokenAsync(known, row => Cancel(row)));

        bool Accept(Generation row) => Done(() => row.MarkAccepted(Id(), _rig.Now));
        bool Store(Generation row) => Done(() => row.MarkStoring(TransitionTests.Files(1), null, default, _rig.Now));
        bool Fault(Generation row) => Done(() => row.NoteFault(new(ErrorKind.StorageFull, "Full.")));
        bool Cancel(Generation row) => Done(() => row.MarkCanceled(_rig.Now));
        static bool Done(Action act)
        {
            act();
            return true;
        }
    }

    [Fact]
    public async Task A_prediction_belongs_to_the_first_that_claims_it()
    {
        var (first, second) = (_rig.RunOf(await SentAsync()), _rig.RunOf(await SentAsync()));
        var id = Id();

        Assert.True(await _states.ClaimAsync(first, id, row => row.MarkAccepted(id, _rig.Now), CoreRig.Stop));
        Assert.False(await _states.ClaimAsync(second, id, row => row.MarkAccepted(id, _rig.Now), CoreRig.Stop));

        Assert.Equal((GenerationStatus.Starting, GenerationStatus.Queued), (first.Generation.Status, second.Generation.Status));
        Assert.True((await _rig.ReadAsync(second.Generation.Id))!.IsUncertain);
    }

    /// <summary>What must not be lost is tried again, first soon and then every five seconds.</summary>
    [Fact]
    public async Task While_a_save_fails_for_a_time_it_is_tried_again()
    {
        var known = await SentAsync();
        var time = new ImpatientTime();
        var states = _rig.Make<GenerationStateWriter>(time);
        var tries = 0;

        var saved = await states.SaveWithRetriesAsync(known, row =>
        {
            if (++tries < 10)
                throw new GenApiException(ErrorKind.StorageFull, "Full.") { IsTransient = true };
            row.MarkAccepted(Id(), _rig.Now);
        }, CoreRig.Stop);

        Assert.Equal(GenerationStatus.Starting, saved.Status);
        Assert.Equal([0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5], time.Pauses.Select(pause => pause.TotalSeconds));
        await Assert.ThrowsAsync<GenApiException>(() => states.SaveWithRetriesAsync(
            saved, _ => throw new GenApiException(ErrorKind.StorageUnavailable, "For good."), CoreRig.Stop));
        Assert.Equal(9, time.Pauses.Count);
    }

    private async Task<(bool Follower, bool Waiter)> WokenAsync(Generation known, Func<Generation, bool> transition)
    {
        var signals = _rig.Get<GenerationSignals>();
        using var follower = signals.Subscribe(known.Id, everyStep: true);
        using var waiter = signals.Subscribe(known.Id, everyStep: false);
        await _states.SaveAsync(known, transition, null, CoreRig.Stop);
        return (follower.ChangedAsync(CoreRig.Stop).IsCompleted, waiter.ChangedAsync(CoreRig.Stop).IsCompleted);
    }

    private async Task<Generation> SentAsync(bool isClaimed = true)
    {
        var row = Generation.Accept(CoreRig.New("a fox"), _rig.Now);
        if (isClaimed)
            row.Claim(_rig.Get<GenerationLeases>().Next());
        row.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));
        return await _rig.AddAsync(row);
    }

    private static string Id() => $"p-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}";

    private static WebhookSubscription Delivery(Guid subject) => new()
    {
        SubjectId = subject,
        AccountId = Guid.Empty,
        Url = "https://example.com",
        Events = WebhookEvents.Completed,
        BaseUrl = "",
    };

    /// <summary>Every pause is over at once, and is written down.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public List<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
