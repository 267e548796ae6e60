using GenApi.Core.Blobs;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Maintenance;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Tests.Blobs.S3;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Tests.Images;

/// <summary>
/// Tests how several instances that share a store delete bytes: after a grace, and never those that a row is about to need.
/// </summary>
public sealed class BlobRemovalTests : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly CoreRig _rig = new();
    private readonly Instance _cluster = new();
    private SharedBlobHolds _holds = null!;
    private BlobRemovals _removals = null!;
    private ImageLibrary _library = null!;

    private static CancellationToken Stop => CoreRig.Stop;

    private IBlobStore Blobs => _rig.Get<IBlobStore>();

    public async ValueTask InitializeAsync()
    {
        await _rig.InitializeAsync();
        _holds = _rig.Make<SharedBlobHolds>();
        _removals = _rig.Make<BlobRemovals>(_holds, _cluster);
        _library = _rig.Make<ImageLibrary>(_holds);
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Bytes_that_no_row_needs_are_gone_after_the_grace_and_not_before()
    {
        var key = await PutAsync(1000);

        Assert.True(await _library.DeleteUnusedAsync(key, Stop));
        Assert.True(await _library.DeleteUnusedAsync(key, Stop));
        Assert.Equal(1000, _holds.PendingBytes);
        _rig.Time.Advance(SharedBlobHolds.Grace - Second);
        await _removals.RunAsync(Stop);
        Assert.NotNull(await Blobs.FindAsync(key, Stop));

        _rig.Time.Advance(Second);
        await _removals.RunAsync(Stop);

        Assert.Null(await Blobs.FindAsync(key, Stop));
        Assert.Empty(await PlannedAsync());
        Assert.Equal(0, _holds.PendingBytes);
        Assert.False(await _library.DeleteUnusedAsync(key, Stop));
    }

    [Fact]
    public async Task Bytes_that_a_row_needs_again_stay()
    {
        var key = await PutAsync(1000);
        await _library.DeleteUnusedAsync(key, Stop);
        using (var staged = await StageAsync(1000))
            await AddRowAsync(staged);

        _rig.Time.Advance(SharedBlobHolds.Grace * 2);
        await _removals.RunAsync(Stop);

        Assert.NotNull(await Blobs.FindAsync(key, Stop));
        Assert.Empty(await PlannedAsync());
    }

    [Fact]
    public async Task Storing_the_same_bytes_postpones_their_deletion()
    {
        var key = await PutAsync(1000);
        await _library.DeleteUnusedAsync(key, Stop);
        _rig.Time.Advance(SharedBlobHolds.Grace - Second);

        using var staged = await StageAsync(1000);
        _rig.Time.Advance(SharedBlobHolds.LongestHold - Second);
        await _removals.RunAsync(Stop);
        await AddRowAsync(staged);

        Assert.NotNull(await Blobs.FindAsync(key, Stop));
    }

    [Fact]
    public async Task A_row_that_comes_too_late_is_refused_because_its_bytes_may_be_gone()
    {
        using var staged = await StageAsync(1000);
        _rig.Time.Advance(SharedBlobHolds.LongestHold);

        var refusal = await Assert.ThrowsAsync<GenApiException>(() => AddRowAsync(staged));

        Assert.Equal((ErrorKind.StorageUnavailable, true), (refusal.Kind, refusal.IsTransient));
        // It is stored again.
        using var again = await StageAsync(1000);
        await AddRowAsync(again);
    }

    [Fact]
    public async Task A_deletion_that_an_instance_began_and_did_not_send_is_made_by_another_one_later()
    {
        var key = await PutAsync(1000);
        await _library.DeleteUnusedAsync(key, Stop);
        _rig.Time.Advance(SharedBlobHolds.Grace);
        _cluster.IsAlive = false;
        await _removals.RunAsync(Stop);

        // Nobody can know whether the request is on its way.
        Assert.NotNull(await Blobs.FindAsync(key, Stop));
        var refusal = await Assert.ThrowsAsync<GenApiException>(() => StageAsync(1000));
        Assert.Equal((ErrorKind.StorageUnavailable, true), (refusal.Kind, refusal.IsTransient));
        _cluster.IsAlive = true;
        await _removals.RunAsync(Stop);
        Assert.NotNull(await Blobs.FindAsync(key, Stop));

        _rig.Time.Advance(TimeSpan.FromMinutes(5));
        await _removals.RunAsync(Stop);

        Assert.Null(await Blobs.FindAsync(key, Stop));
        using var staged = await StageAsync(1000);
        await AddRowAsync(staged);
        Assert.NotNull(await Blobs.FindAsync(key, Stop));
    }

    [Fact]
    public async Task A_new_leader_learns_how_much_will_be_deleted()
    {
        await _library.DeleteUnusedAsync(await PutAsync(1000), Stop);
        await _library.DeleteUnusedAsync(await PutAsync(1001), Stop);
        var other = _rig.Make<SharedBlobHolds>();

        await _rig.Make<BlobRemovals>(other, _cluster).RunAsync(Stop);

        Assert.Equal(2001, other.PendingBytes);
    }

    [Fact]
    public async Task Bytes_whose_deletion_is_planned_are_not_taken_for_those_of_another_database()
    {
        await _library.DeleteUnusedAsync(await PutAsync(1000), Stop);
        await PutAsync(1001);

        var found = await OrphanBlobs.FindAsync(
            _rig.Get<IDbContextFactory<GenApiDbContext>>(), _rig.Get<IBlobMaintenance>(), _rig.Get<IEnumerable<IBlobUser>>(), Stop);

        Assert.Equal((1001, 2), (Assert.Single(found.Orphans).Length, found.All));
    }

    [Fact]
    public async Task A_process_that_is_alone_deletes_at_once()
    {
        var key = await PutAsync(1000);
        var library = _rig.Make<ImageLibrary>(_rig.Make<LocalBlobHolds>());

        Assert.True(await library.DeleteUnusedAsync(key, Stop));

        Assert.Null(await Blobs.FindAsync(key, Stop));
    }

    private async Task<string> PutAsync(int length)
    {
        await S3Rig.CommitAsync(Blobs, S3Rig.Bytes(length));
        return S3Rig.KeyOf(S3Rig.Bytes(length));
    }

    private Task<StagedImage> StageAsync(int length) => _library.StageUnseenAsync(
        new MemoryStream(S3Rig.Bytes(length)), new FileFacts(FileKind.Document, "application/octet-stream", ""), Stop);

    private Task<int> AddRowAsync(StagedImage staged)
    {
        var (id, generation) = (Guid.CreateVersion7(_rig.Now), Guid.CreateVersion7(_rig.Now));
        return _rig.Writer.WriteAsync(
            (db, token) =>
            {
                staged.Require(db);
                db.Add(staged.ToRow(id, generation, 0, "a"));
                return db.SaveChangesAsync(token);
            },
            Stop);
    }

    private Task<List<string>> PlannedAsync() => _rig.Get<IDbContextFactory<GenApiDbContext>>().ReadAsync(
        db => db.Set<BlobRemoval>().Select(removal => removal.Key).ToListAsync(Stop), Stop);

    /// <summary>This instance in a cluster, frozen or not.</summary>
    private sealed class Instance : ICluster
    {
        public string InstanceId => "test";

        public bool IsShared => true;

        public int LiveInstances => 1;

        public bool IsAlive { get; set; } = true;

        public CancellationToken Alive => CancellationToken.None;

        public Lease NextLease => throw new NotSupportedException();

        public bool IsAliveIn(GenApiDbContext db) => IsAlive;
    }
}
