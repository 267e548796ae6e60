using GenApi.Core.Generations;
using GenApi.Core.Generations.Access;

namespace GenApi.Tests.Generations;

/// <summary>Tests who sees what others made: at once in memory, soon on the disk, and never again once it was revoked.</summary>
public sealed class GrantTests : IClassFixture<CoreRig>
{
    private readonly CoreRig _rig;
    private readonly GenerationGrants _grants;
    private readonly Guid
        _ann = Guid.CreateVersion7(DateTimeOffset.UnixEpoch), _bob = Guid.CreateVersion7(DateTimeOffset.UnixEpoch),
        _eve = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);

    public GrantTests(CoreRig rig)
    {
        _rig = rig;
        _rig.Forget();
        _grants = rig.Make<GenerationGrants>();
    }

    [Fact]
    public async Task A_grant_holds_at_once_and_is_a_row_after_the_next_save()
    {
        var row = await AddAsync();
        var granted = _grants.GrantedAsync(CoreRig.Stop);
        Assert.False(_grants.IsKnown(_bob, row.Id));
        Assert.False(granted.IsCompleted);

        _grants.Grant(row, _bob);

        await granted;
        Assert.Equal((true, false), (_grants.IsKnown(_bob, row.Id), _grants.IsKnown(_eve, row.Id)));
        Assert.Equal((true, false), (_grants.HasUnsaved(_bob), _grants.HasUnsaved(_eve)));
        Assert.Equal((true, false), (await HasAsync(row, _bob), await HasAsync(row, _eve)));
        Assert.Empty(await RowsAsync(row));

        await _grants.SaveAsync(CoreRig.Stop);

        var saved = Assert.Single(await RowsAsync(row));
        Assert.Equal((_bob, row.CreatedAt), (saved.AccountId, saved.CreatedAt));
        Assert.Equal((true, false), (_grants.IsKnown(_bob, row.Id), _grants.HasUnsaved(_bob)));
        await _grants.SaveAsync(CoreRig.Stop);
        Assert.Single(await RowsAsync(row));
        // Another process, which knows nothing, reads it.
        var other = _rig.Make<GenerationGrants>();
        Assert.True(await HasAsync(row, _bob, other));
        Assert.False(await HasAsync(row, _eve, other));
    }

    [Fact]
    public async Task Who_made_it_and_who_is_known_to_see_it_needs_no_grant()
    {
        var row = await AddAsync();
        _grants.Remember(_eve, row.Id, _grants.Version);

        _grants.Grant(row, _ann);
        _grants.Grant(row, _eve);

        Assert.Equal((false, false), (_grants.HasUnsaved(_ann), _grants.HasUnsaved(_eve)));
        Assert.True(await HasAsync(row, _ann));
        await GrantInTransactionAsync(row, _ann);
        Assert.Empty(await RowsAsync(row));
    }

    [Fact]
    public async Task A_grant_in_a_transaction_is_one_row_whatever_was_granted_before()
    {
        var (fresh, unsaved, saved) = (await AddAsync(), await AddAsync(), await AddAsync());
        _grants.Grant(unsaved, _bob);
        await GrantInTransactionAsync(saved, _bob);
        _grants.Remember(_bob, saved.Id, _grants.Version);

        foreach (var row in new[] { fresh, unsaved, saved, fresh })
            await GrantInTransactionAsync(row, _bob);

        // A grant that memory holds is a row now too: the answer of this transaction must outlive the process.
        Assert.Single(await RowsAsync(unsaved));
        await _grants.SaveAsync(CoreRig.Stop);

        foreach (var row in new[] { fresh, unsaved, saved })
            Assert.Equal(_bob, Assert.Single(await RowsAsync(row)).AccountId);
    }

    [Fact]
    public async Task What_is_revoked_before_it_was_saved_is_never_saved()
    {
        var row = await AddAsync();
        _grants.Grant(row, _bob);
        _grants.Grant(row, _eve);

        await RevokeAsync(row, _bob);
        await _grants.SaveAsync(CoreRig.Stop);

        Assert.Equal(_eve, Assert.Single(await RowsAsync(row)).AccountId);
        Assert.Equal((false, true), (_grants.IsKnown(_bob, row.Id), _grants.IsKnown(_eve, row.Id)));
        await RevokeAsync(row, _eve);
        Assert.Empty(await RowsAsync(row));
        Assert.False(await HasAsync(row, _eve));
        // A later answer grants it again.
        _grants.Grant(row, _bob);
        await _grants.SaveAsync(CoreRig.Stop);
        Assert.Single(await RowsAsync(row));
    }

    [Fact]
    public async Task A_reading_from_before_a_revocation_is_not_remembered_after_it()
    {
        var row = await AddAsync();
        var version = _grants.Version;

        _grants.Forget(_eve, row.Id);
        _grants.Remember(_bob, row.Id, version);

        Assert.False(_grants.IsKnown(_bob, row.Id));
    }

    [Fact]
    public async Task The_holders_of_a_generation_are_those_on_the_disk_and_those_in_memory()
    {
        var (row, other) = (await AddAsync(), await AddAsync());
        await GrantInTransactionAsync(row, _bob);
        _grants.Grant(row, _eve);
        _grants.Grant(other, _bob);
        await GrantInTransactionAsync(other, _eve);

        var holders = await _rig.Writer.WriteAsync((db, token) => _grants.HoldersAsync(db, row, token), CoreRig.Stop);

        Assert.Equal([_bob, _eve], holders);
    }

    [Fact]
    public async Task Many_are_saved_together_and_those_of_deleted_generations_are_dropped()
    {
        var (row, gone) = (await AddAsync(), await AddAsync());
        for (var count = 0; count < 600; count++)
            _grants.Grant(row, Guid.CreateVersion7(DateTimeOffset.UnixEpoch));
        _grants.Grant(gone, _bob);
        await _rig.Get<Core.Generations.Removal.GenerationRemover>().RemoveAsync(gone.Id, CoreRig.Stop);

        await _grants.SaveAsync(CoreRig.Stop);

        Assert.Equal(600, (await RowsAsync(row)).Count);
        Assert.Empty(await RowsAsync(gone));
        Assert.False(_grants.HasUnsaved(_bob));
    }

    [Fact]
    public async Task What_was_read_once_is_known_and_a_list_shows_what_was_granted_a_moment_ago()
    {
        var row = await AddAsync();
        await GrantInTransactionAsync(row, _bob);
        var access = _rig.Make<GenerationAccess>(_grants);
        Assert.False(_grants.IsKnown(_bob, row.Id));

        Assert.NotNull(await access.FindAsync(CoreRig.CallerOf(_bob), row.Id, CoreRig.Stop));
        Assert.Null(await access.FindAsync(CoreRig.CallerOf(_eve), row.Id, CoreRig.Stop));
        Assert.NotNull(await access.FindAsync(CoreRig.CallerOf(_eve, isAdministrator: true), row.Id, CoreRig.Stop));

        Assert.Equal((true, false), (_grants.IsKnown(_bob, row.Id), _grants.IsKnown(_eve, row.Id)));
        _grants.Grant(row, _eve);
        await access.SaveGrantsAsync(_ann, CoreRig.Stop);
        Assert.Single(await RowsAsync(row));
        await access.SaveGrantsAsync(_eve, CoreRig.Stop);
        Assert.Equal(2, (await RowsAsync(row)).Count);
        Assert.True(await access.SeesAsync(CoreRig.CallerOf(_eve), row.Id, CoreRig.Stop));
        Assert.False(await access.SeesAsync(CoreRig.CallerOf(Guid.CreateVersion7(DateTimeOffset.UnixEpoch)), row.Id, CoreRig.Stop));
    }

    private Task<Generation> AddAsync() => _rig.AcceptAsync(CoreRig.New("a red fox", owner: _ann), isClaimed: false);

    private Task<List<GenerationGrant>> RowsAsync(Generation row) =>
        _rig.AllAsync<GenerationGrant>(rows => rows.Where(grant => grant.Number == row.Number));

    private Task<bool> HasAsync(Generation row, Guid account, GenerationGrants? grants = null) =>
        _rig.Writer.WriteAsync((db, token) => (grants ?? _grants).HasAsync(db, account, row, token), CoreRig.Stop);

    private Task GrantInTransactionAsync(Generation row, Guid account) => _rig.Writer.WriteAsync(async (db, token) =>
    {
        await _grants.GrantAsync(db, row, account, token);
        await db.SaveChangesAsync(token);
    }, CoreRig.Stop);

    private async Task RevokeAsync(Generation row, Guid account)
    {
        await _rig.Writer.WriteAsync((db, token) => _grants.RevokeAsync(db, row, account, token), CoreRig.Stop);
        _grants.Forget(account, row.Id);
    }
}
