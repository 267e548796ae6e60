using GenApi.Core.Accounts.Usage;
using GenApi.Core.Blobs;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Worker;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Webhooks;
using GenApi.Tests.Images;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Generations;

/// <summary>Tests what a start does with the rows and files of earlier processes.</summary>
public sealed class TakeoverTests : IAsyncLifetime, IClassFixture<CoreRig>
{
    private readonly CoreRig _rig;
    private readonly OpenGenerations _open;

    public TakeoverTests(CoreRig rig)
    {
        _rig = rig;
        _rig.Forget();
        _open = rig.Make<OpenGenerations>();
    }

    public async ValueTask InitializeAsync() => await _rig.Writer.WriteAsync(
        (db, token) => db.Set<Generation>().ExecuteDeleteAsync(token), CoreRig.Stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Leases_are_freed_and_open_rows_are_counted()
    {
        var leased = await AddAsync("replicate", row => row.Claim(Lease.For("dead", _rig.Now)));
        await AddAsync("replicate", _ => { });
        await AddAsync("replicate", row => row.MarkCanceled(_rig.Now));

        await Takeover().TakeOverAsync(CoreRig.Stop);

        var freed = (await _rig.ReadAsync(leased.Id))!;
        Assert.Equal((new Lease(null, null, 1), 2, GenerationStatus.Queued, 2), (freed.Lease, freed.Revision, freed.Status, _open.Count));
        Assert.Equal(0, Lines(leased));
    }

    [Fact]
    public async Task What_was_asked_of_a_sandbox_fails_where_Replicate_is_in_use()
    {
        var row = await AddAsync("sandbox", each =>
        {
            each.Claim(Lease.For("dead", _rig.Now));
            each.Listen(WebhookEvents.Completed);
        });
        var other = await AddAsync("replicate", _ => { });
        await _rig.Writer.WriteAsync(async (db, token) =>
        {
            WebhookOutbox.Subscribe(db, row.Id, new("https://example.com", WebhookEvents.Completed, ""));
            await db.SaveChangesAsync(token);
        }, CoreRig.Stop);

        await Takeover().TakeOverAsync(CoreRig.Stop);

        var failed = (await _rig.ReadAsync(row.Id))!;
        Assert.Equal((GenerationStatus.Failed, "upstream_unavailable"), (failed.Status, failed.ErrorCode));
        // Instances that share a store free a lease and end its run in two steps.
        Assert.InRange(failed.Revision, 3, 4);
        Assert.Equal((new Lease(null, null, 1), _rig.Now, 1), (failed.Lease, failed.CompletedAt, _open.Count));
        Assert.Equal(GenerationStatus.Queued, (await _rig.ReadAsync(other.Id))!.Status);
        var entries = await _rig.AllAsync<UsageEntry>(rows => rows.Where(entry => entry.GenerationId == row.Id));
        Assert.Equal("failed", Assert.Single(entries).Status);
        var messages = await _rig.AllAsync<WebhookDelivery>(rows => rows.Where(each => each.SubjectId == row.Id));
        Assert.Equal(WebhookEvents.Completed, Assert.Single(messages).Event);
        Assert.Equal(1, Lines(row));
        Assert.False(_rig.Get<GenerationTimelines>().Of(row).IsWhole);
    }

    [Fact]
    public async Task What_was_asked_of_a_sandbox_goes_on_where_a_sandbox_is_in_use()
    {
        var row = await AddAsync("sandbox", _ => { });
        var upstream = new ReplicateUpstream(_rig.Get<IOptions<ReplicateOptions>>());
        upstream.UseSandbox(_rig.UpstreamUrl);

        await Takeover(upstream).TakeOverAsync(CoreRig.Stop);

        Assert.Equal((GenerationStatus.Queued, 1), ((await _rig.ReadAsync(row.Id))!.Status, _open.Count));
    }

    [Fact]
    public async Task Files_that_will_never_have_a_row_and_rows_that_their_owner_had_deleted_are_taken_away()
    {
        var open = await AddAsync("replicate", _ => { });
        var ended = await AddAsync("replicate", row => row.MarkCanceled(_rig.Now));
        var deleted = await AddAsync("replicate", row =>
        {
            row.RequestDelete(_rig.Now);
            row.MarkCanceled(_rig.Now);
        });
        var deletedRunning = await AddAsync("replicate", row => row.RequestDelete(_rig.Now));
        foreach (var id in new[] { open.Id, ended.Id, Guid.CreateVersion7(DateTimeOffset.UnixEpoch) })
            await StageAsync(id);

        await Takeover().TidyAsync(CoreRig.Stop);

        Assert.Equal([$"{open.Id:N}-0"], await _rig.Get<IBlobReceipts>().ListReceiptsAsync(CoreRig.Stop));
        Assert.Null(await _rig.ReadAsync(deleted.Id));
        Assert.NotNull(await _rig.ReadAsync(ended.Id));
        Assert.NotNull(await _rig.ReadAsync(deletedRunning.Id));
    }

    private StartupTakeover Takeover(ReplicateUpstream? upstream = null) => _rig.Make<StartupTakeover>(
        _open, _rig.Make<GenerationLeases>(), upstream ?? _rig.Get<ReplicateUpstream>());

    private int Lines(Generation row) =>
        _rig.Log.Lines.Count(line => line.Contains($"{row.PublicId} failed upstream_unavailable", StringComparison.Ordinal));

    private Task<Generation> AddAsync(string upstream, Action<Generation> change)
    {
        var row = Generation.Accept(CoreRig.New("a fox", upstream: upstream), _rig.Now);
        change(row);
        return _rig.AddAsync(row);
    }

    private async Task StageAsync(Guid generation)
    {
        var promise = Core.Images.FilePromise.Of("https://replicate.delivery/a.png", "image/png");
        using var staged = await _rig.Get<ImageLibrary>().StageAsync(
            new MemoryStream(Pictures.Png(12, 12)), generation, 0, promise, _ => true, CoreRig.Stop);
    }
}
