using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Removal;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Webhooks;

namespace GenApi.Tests.Generations;

/// <summary>Tests what a cancel, a deletion and a pin do to rows, webhooks, the audit log and to what is held in memory.</summary>
public sealed class CancelAndDeleteTests : IClassFixture<CoreRig>
{
    private readonly CoreRig _rig;
    private readonly CancelAndDelete _acts;
    private readonly Guid _ann = Guid.CreateVersion7(DateTimeOffset.UnixEpoch), _bob = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);

    public CancelAndDeleteTests(CoreRig rig)
    {
        _rig = rig;
        _rig.Forget();
        _acts = rig.Get<CancelAndDelete>();
    }

    private Caller Ann => CoreRig.CallerOf(_ann);
    private Caller Bob => CoreRig.CallerOf(_bob);
    private static Caller Administrator { get; } = CoreRig.CallerOf(FixedAccounts.AdminKeyId, isAdministrator: true);

    [Fact]
    public async Task What_nobody_has_claimed_ends_at_once_and_is_booked_and_reported()
    {
        var row = await AddAsync(hooks: [_ann]);
        var open = _rig.Get<OpenGenerations>().Count;

        Assert.False(await _acts.CancelAsync(row.Id, Ann, "here", CoreRig.Stop));

        var canceled = (await _rig.ReadAsync(row.Id))!;
        Assert.Equal((GenerationStatus.Canceled, _rig.Now, 2), (canceled.Status, canceled.CancelRequestedAt, canceled.Revision));
        Assert.Equal("canceled", Assert.Single(await EntriesAsync(row)).Status);
        Assert.Equal(WebhookEvents.Completed, Assert.Single(await DeliveriesAsync(row)));
        Assert.Equal(open - 1, _rig.Get<OpenGenerations>().Count);
        Assert.True(await _acts.CancelAsync(row.Id, Ann, "here", CoreRig.Stop));
        Assert.Equal(2, (await _rig.ReadAsync(row.Id))!.Revision);
        Assert.Single(await DeliveriesAsync(row));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task What_is_claimed_or_may_be_at_the_upstream_is_only_asked_to_end(bool isClaimed, bool isSent)
    {
        var row = await AddAsync(isClaimed: isClaimed, isSent: isSent, hooks: [_ann]);
        _rig.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.False(await _acts.CancelAsync(row.Id, Ann, "here", CoreRig.Stop));

        var asked = (await _rig.ReadAsync(row.Id))!;
        Assert.Equal((GenerationStatus.Queued, _rig.Now, null), (asked.Status, asked.CancelRequestedAt, asked.CompletedAt));
        Assert.Equal(2, asked.Revision);
        Assert.Empty(await EntriesAsync(row));
        Assert.Empty(await DeliveriesAsync(row));
        Assert.Single(await HooksAsync(row));
    }

    [Fact]
    public async Task A_deletion_before_anything_was_sent_takes_everything_away_and_reports_nothing()
    {
        var row = await AddAsync(hooks: [_ann]);

        Assert.True(await _acts.DeleteAsync(row.Id, Ann, "here", CoreRig.Stop));

        Assert.Null(await _rig.ReadAsync(row.Id));
        Assert.Single(await EntriesAsync(row));
        Assert.Empty(await DeliveriesAsync(row));
        Assert.Empty(await HooksAsync(row));
        Assert.False(await _acts.DeleteAsync(row.Id, Ann, "here", CoreRig.Stop));
        Assert.Null(await _acts.CancelAsync(row.Id, Ann, "here", CoreRig.Stop));
    }

    [Fact]
    public async Task A_deletion_of_what_runs_ends_its_webhooks_and_hides_it_until_its_end()
    {
        var row = await AddAsync(isClaimed: true, isSent: true, hooks: [_ann]);

        Assert.True(await _acts.DeleteAsync(row.Id, Ann, "here", CoreRig.Stop));

        var asked = (await _rig.ReadAsync(row.Id))!;
        Assert.Equal((_rig.Now, _rig.Now, null), (asked.CancelRequestedAt, asked.DeleteRequestedAt, asked.CompletedAt));
        Assert.Empty(await HooksAsync(row));
        Assert.Null(await _rig.Get<GenerationReader>().FindAsync(row.Id, CoreRig.Stop));
        Assert.False(await _acts.DeleteAsync(row.Id, Ann, "here", CoreRig.Stop));
    }

    [Fact]
    public async Task What_is_being_stored_can_be_deleted_and_not_canceled()
    {
        var row = await AddAsync(isClaimed: true, isSent: true);
        await _rig.EditAsync(row, Store);

        var fault = await Assert.ThrowsAsync<GenApiException>(() => _acts.CancelAsync(row.Id, Ann, "here", CoreRig.Stop));
        Assert.Equal((ErrorKind.Conflict, row.Id), (fault.Kind, fault.GenerationId));
        Assert.True(await _acts.DeleteAsync(row.Id, Ann, "here", CoreRig.Stop));

        Assert.NotNull((await _rig.ReadAsync(row.Id))!.DeleteRequestedAt);
    }

    [Fact]
    public async Task A_strangers_row_is_not_there()
    {
        var row = await AddAsync();
        Assert.Null(await _acts.CancelAsync(row.Id, Bob, "here", CoreRig.Stop));
        Assert.False(await _acts.DeleteAsync(row.Id, Bob, "here", CoreRig.Stop));
        Assert.Null(await _acts.PinAsync(row.Id, true, Bob, "here", CoreRig.Stop));

        Assert.Equal((GenerationStatus.Queued, 1), ((await _rig.ReadAsync(row.Id))!.Status, (await _rig.ReadAsync(row.Id))!.Revision));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_not_alone_ends_its_own_part_only(bool deletes)
    {
        var row = await AddAsync(hooks: [_ann, _bob]);
        await GrantAsync(row, _bob);

        if (deletes)
            Assert.True(await _acts.DeleteAsync(row.Id, Ann, "here", CoreRig.Stop));
        else
            Assert.False(await _acts.CancelAsync(row.Id, Ann, "here", CoreRig.Stop));

        var left = (await _rig.ReadAsync(row.Id))!;
        Assert.Equal((GenerationStatus.Queued, _rig.Now, null, 2), (left.Status, left.OwnerLeftAt, left.CancelRequestedAt, left.Revision));
        Assert.Equal([_bob], (await HooksAsync(row)).Select(hook => hook.AccountId));
        Assert.Equal((false, true), (await SeesAsync(Ann, row), await SeesAsync(Bob, row)));
        Assert.False(await _acts.CancelAsync(row.Id, Bob, "here", CoreRig.Stop));
        Assert.Equal(GenerationStatus.Canceled, (await _rig.ReadAsync(row.Id))!.Status);
    }

    [Fact]
    public async Task Who_was_given_it_leaves_the_run_and_its_maker_pays_on()
    {
        var row = await AddAsync(hooks: [_ann, _bob]);
        await GrantAsync(row, _bob);

        Assert.False(await _acts.CancelAsync(row.Id, Bob, "here", CoreRig.Stop));

        var left = (await _rig.ReadAsync(row.Id))!;
        Assert.Equal((null, null, 1), (left.OwnerLeftAt, left.CancelRequestedAt, left.Revision));
        Assert.Equal([_ann], (await HooksAsync(row)).Select(hook => hook.AccountId));
        Assert.Equal((true, false), (await SeesAsync(Ann, row), await SeesAsync(Bob, row)));
    }

    [Fact]
    public async Task Who_was_given_what_has_ended_deletes_its_own_view_of_it()
    {
        var row = await AddAsync();
        // A third one still sees it when the account that made it deletes it for everybody.
        await GrantAsync(row, Guid.CreateVersion7(DateTimeOffset.UnixEpoch));
        await GrantAsync(row, _bob);
        await _rig.EditAsync(row, each => each.MarkFailed(ErrorKind.UpstreamFailed, "No.", _rig.Now));

        Assert.True(await _acts.CancelAsync(row.Id, Bob, "here", CoreRig.Stop));
        Assert.True(await SeesAsync(Bob, row));
        Assert.True(await _acts.DeleteAsync(row.Id, Bob, "here", CoreRig.Stop));

        Assert.Equal((true, false), (await SeesAsync(Ann, row), await SeesAsync(Bob, row)));
        Assert.True(await _acts.DeleteAsync(row.Id, Ann, "here", CoreRig.Stop));
        Assert.Null(await _rig.ReadAsync(row.Id));
    }

    [Fact]
    public async Task A_revoked_key_and_an_administrator_hold_nothing_up()
    {
        var keys = _rig.Get<ApiKeys>();
        var revoked = (await keys.CreateAsync(new KeyTerms("gone", KeyRights.Generate, null), Actor.AtTheMachine, CoreRig.Stop)).Key.Id;
        await keys.RevokeAsync(revoked, Actor.AtTheMachine, CoreRig.Stop);
        var (one, other) = (await AddAsync(), await AddAsync());
        await GrantAsync(one, revoked);
        await GrantAsync(other, _bob);

        await _acts.CancelAsync(one.Id, Ann, "here", CoreRig.Stop);
        await _acts.CancelAsync(other.Id, Administrator, "here", CoreRig.Stop);

        Assert.Equal(GenerationStatus.Canceled, (await _rig.ReadAsync(one.Id))!.Status);
        Assert.Equal(GenerationStatus.Canceled, (await _rig.ReadAsync(other.Id))!.Status);
    }

    [Fact]
    public async Task An_act_of_an_administrator_is_written_down_and_logged_once()
    {
        var (running, waiting) = (await AddAsync(isClaimed: true, isSent: true), await AddAsync());

        await _acts.CancelAsync(running.Id, Administrator, "there", CoreRig.Stop);
        await _acts.CancelAsync(running.Id, Administrator, "there", CoreRig.Stop);
        await _acts.DeleteAsync(running.Id, Administrator, "there", CoreRig.Stop);
        await _acts.CancelAsync(waiting.Id, Administrator, "there", CoreRig.Stop);
        await _acts.PinAsync(waiting.Id, true, Administrator, "there", CoreRig.Stop);
        await _acts.PinAsync(waiting.Id, true, Administrator, "there", CoreRig.Stop);
        await _acts.PinAsync(waiting.Id, false, Administrator, "there", CoreRig.Stop);
        await _acts.DeleteAsync(waiting.Id, Administrator, "there", CoreRig.Stop);

        string[] acts = ["generation.cancel", "generation.delete"];
        string[] others = ["generation.cancel", "generation.pin", "generation.unpin", "generation.delete"];
        Assert.Equal(acts, await ActsAsync(running));
        Assert.Equal(others, await ActsAsync(waiting));
        Assert.Equal(acts.Length, Lines(running));
        Assert.Equal(others.Length, Lines(waiting));

        int Lines(Generation row) => _rig.Log.Lines.Count(
            line => line.Contains("AUDIT", StringComparison.Ordinal) && line.Contains(row.PublicId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pin_is_a_change_of_the_row_once_and_what_memory_holds_is_read_again()
    {
        var row = await AddAsync();
        await _rig.EditAsync(row, each => each.MarkFailed(ErrorKind.UpstreamFailed, "No.", _rig.Now));
        Assert.False((await _rig.Get<GenerationReader>().FindAsync(row.Id, CoreRig.Stop))!.Generation.IsPinned);

        var pinned = await _acts.PinAsync(row.Id, true, Ann, "here", CoreRig.Stop);
        var again = await _acts.PinAsync(row.Id, true, Ann, "here", CoreRig.Stop);

        Assert.Equal((true, 3, 3), (pinned!.Generation.IsPinned, pinned.Generation.Revision, again!.Generation.Revision));
        Assert.True((await _rig.Get<GenerationReader>().FindAsync(row.Id, CoreRig.Stop))!.Generation.IsPinned);
        await GrantAsync(row, _bob);
        var refused = await Assert.ThrowsAsync<GenApiException>(() => _acts.PinAsync(row.Id, false, Bob, "here", CoreRig.Stop));
        Assert.Equal(ErrorKind.Forbidden, refused.Kind);
    }

    [Fact]
    public async Task An_end_and_a_leave_wake_those_who_wait()
    {
        foreach (var act in new Func<Guid, Task>[]
        {
            id => _acts.CancelAsync(id, Ann, "here", CoreRig.Stop), id => _acts.DeleteAsync(id, Ann, "here", CoreRig.Stop),
            id => _acts.PinAsync(id, true, Ann, "here", CoreRig.Stop),
        })
        {
            var row = await AddAsync();
            using var waiter = _rig.Get<GenerationSignals>().Subscribe(row.Id, everyStep: false);

            await act(row.Id);

            Assert.True(waiter.ChangedAsync(CoreRig.Stop).IsCompleted);
        }
    }

    private void Store(Generation row)
    {
        row.MarkAccepted($"p-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}", _rig.Now);
        row.MarkStoring(TransitionTests.Files(1), null, default, _rig.Now);
    }

    private async Task<Generation> AddAsync(bool isClaimed = false, bool isSent = false, Guid[]? hooks = null)
    {
        var row = Generation.Accept(CoreRig.New("a red fox", owner: _ann), _rig.Now);
        if (isClaimed)
            row.Claim(_rig.Get<GenerationLeases>().Next());
        if (isSent)
            row.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));
        if (hooks is not null)
            row.Listen(WebhookEvents.Completed);
        await _rig.AddAsync(row);
        await _rig.Writer.WriteAsync(async (db, token) =>
        {
            foreach (var account in hooks ?? [])
                WebhookOutbox.Subscribe(db, row.Id, new("https://example.com", WebhookEvents.Completed, "") { AccountId = account });
            await db.SaveChangesAsync(token);
        }, CoreRig.Stop);
        return row;
    }

    private Task GrantAsync(Generation row, Guid account) => _rig.Writer.WriteAsync(async (db, token) =>
    {
        await _rig.Get<GenerationGrants>().GrantAsync(db, row, account, token);
        await db.SaveChangesAsync(token);
    }, CoreRig.Stop);

    private async Task<bool> SeesAsync(Caller caller, Generation row) =>
        await _rig.Get<GenerationAccess>().SeesAsync(caller, row.Id, CoreRig.Stop);

    private Task<List<UsageEntry>> EntriesAsync(Generation row) =>
        _rig.AllAsync<UsageEntry>(rows => rows.Where(entry => entry.GenerationId == row.Id));

    private async Task<IEnumerable<WebhookEvents>> DeliveriesAsync(Generation row) =>
        (await _rig.AllAsync<WebhookDelivery>(rows => rows.Where(each => each.SubjectId == row.Id))).Select(each => each.Event);

    private Task<List<WebhookSubscription>> HooksAsync(Generation row) =>
        _rig.AllAsync<WebhookSubscription>(rows => rows.Where(each => each.SubjectId == row.Id));

    private async Task<IEnumerable<string>> ActsAsync(Generation row) => (await _rig.AllAsync<AuditEntry>(
        rows => rows.Where(entry => entry.ThingId == row.PublicId).OrderBy(entry => entry.Number))).Select(entry => entry.Act);
}
