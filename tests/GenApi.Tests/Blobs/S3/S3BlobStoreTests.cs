using Amazon.S3.Model;
using GenApi.Core.Blobs;
using GenApi.Core.Blobs.S3;
using GenApi.Core.Errors;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Blobs.S3;

/// <summary>Tests the contract of blob stores on Ceph's S3 server.</summary>
public sealed class S3BlobStoreTests : BlobStoreSuite, IAsyncLifetime
{
    private readonly S3Rig _rig = new();
    private S3BlobStore _store = null!;
    private HotBlobStore _hot = null!;

    public override IBlobStore Store => _hot;

    public override IBlobMaintenance Maintenance => _hot;

    public override IBlobReceipts Receipts => _store;

    public async ValueTask InitializeAsync()
    {
        S3Rig.SkipIfMissing();
        _store = await _rig.StartAsync();
        _hot = new HotBlobStore(_store, new BlobsOptions());
    }

    public ValueTask DisposeAsync()
    {
        _rig.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void What_the_server_can_do_is_known_after_the_start() =>
        Assert.Equal(
            ["conditional_put=yes", "provider=s3", "ranges=yes"], _store.Facts.Select(fact => $"{fact.Key}={fact.Value}").Order());

    [Fact]
    public async Task A_large_blob_is_put_in_parts_and_read_back_whole()
    {
        var bytes = Bytes(S3BlobStore.PartLength + 5_000_001);

        Assert.Equal(BlobCommit.Stored, await CommitAsync(bytes));
        Assert.Equal(BlobCommit.AlreadyThere, await CommitAsync(bytes));

        using var content = await Store.OpenAsync(KeyOf(bytes), new BlobRange(S3BlobStore.PartLength - 10, 20), Stop);
        Assert.Equal(bytes.Length, content!.Length);
        Assert.Equal(
            bytes[(S3BlobStore.PartLength - 10)..(S3BlobStore.PartLength + 10)],
            await ReadAsync(content, S3BlobStore.PartLength - 10, 20));
        using var whole = await Store.OpenVerifiedAsync(KeyOf(bytes), Stop);
        Assert.NotNull(whole);
        Assert.Empty(await Maintenance.ListLeftoversAsync(Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task An_object_of_another_length_in_its_place_is_replaced_by_the_good_bytes()
    {
        var bytes = Bytes(3000);
        await PutObjectAsync($"blobs/{KeyOf(bytes)}", "cut");

        Assert.Equal(BlobCommit.Stored, await CommitAsync(bytes));

        using var content = await Store.OpenAsync(KeyOf(bytes), Stop);
        Assert.Equal(bytes, await ReadAsync(content!, 0, bytes.Length));
    }

    [Fact]
    public async Task Bytes_are_compared_only_where_that_is_asked_for_and_damaged_ones_are_put_aside()
    {
        var (same, cut) = (Bytes(1000), Bytes(1001));
        await PutAsync(same);
        await PutAsync(cut);
        await PutObjectAsync($"blobs/{KeyOf(same)}", new string('x', 1000));
        await PutObjectAsync($"blobs/{KeyOf(cut)}", "cut");

        Assert.Equal((BlobVerdict.Whole, 1000), await Maintenance.VerifyAsync(KeyOf(same), 1000, isDeep: false, Stop));
        Assert.Equal((BlobVerdict.Damaged, 3), await Maintenance.VerifyAsync(KeyOf(cut), 1001, isDeep: false, Stop));
        Assert.Equal((BlobVerdict.Damaged, 1000), await Maintenance.VerifyAsync(KeyOf(same), 1000, isDeep: true, Stop));
        Assert.Equal((BlobVerdict.Missing, 0), await Maintenance.VerifyAsync(KeyOf(same), 1000, isDeep: true, Stop));
        Assert.Empty(await ListAsync());
        using var client = (await S3Server.SharedAsync()).Client();
        var aside = await client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = S3Server.Bucket, Prefix = _rig.Prefix + "quarantine/" }, Stop);
        Assert.Equal(2, aside.S3Objects.Count);
    }

    [Fact]
    public async Task Damaged_bytes_leave_the_memory_when_they_are_put_aside()
    {
        var bytes = Bytes(1000);
        var key = await PutAsync(bytes);
        await PutObjectAsync($"blobs/{key}", new string('x', 1000));
        for (var times = 0; times < 3; times++)
            (await Store.OpenAsync(key, Stop))!.Dispose();

        Assert.Null(await Store.OpenVerifiedAsync(key, Stop));
        await PutAsync(bytes);

        using var content = await Store.OpenAsync(key, Stop);
        Assert.Equal(bytes, await ReadAsync(content!, 0, bytes.Length));
    }

    [Fact]
    public async Task What_others_put_into_the_bucket_is_a_leftover_and_what_is_half_written_is_aborted()
    {
        await PutAsync(Bytes(100));
        await PutObjectAsync("notes.txt", "mine");
        await PutObjectAsync($"blobs/{KeyOf(Bytes(100))[..63]}", "mine");
        using var client = (await S3Server.SharedAsync()).Client();
        await client.InitiateMultipartUploadAsync(S3Server.Bucket, $"{_rig.Prefix}blobs/{KeyOf(Bytes(7))}", Stop);

        var found = await Maintenance.ListLeftoversAsync(Stop).ToListAsync(Stop);

        Assert.Equal(
            new[] { ($"blobs/{KeyOf(Bytes(100))[..63]}", false), ("notes.txt", false), ($"blobs/{KeyOf(Bytes(7))}", true) }.Order(),
            found.Select(each => (each.Name, each.IsHalfWritten)).Order());
        Assert.Equal(0, await Maintenance.RemoveAbandonedAsync(DateTimeOffset.UnixEpoch, Stop));
        Assert.Equal(1, await Maintenance.RemoveAbandonedAsync(TimeProvider.System.GetUtcNow().AddMinutes(1), Stop));
        Assert.DoesNotContain(await Maintenance.ListLeftoversAsync(Stop).ToListAsync(Stop), each => each.IsHalfWritten);
    }

    [Fact]
    public async Task Another_store_in_its_place_loses_nothing()
    {
        var key = await PutAsync(Bytes(100));
        using var client = (await S3Server.SharedAsync()).Client();
        await client.DeleteObjectAsync(S3Server.Bucket, $"{_rig.Prefix}blobs/{key}", Stop);
        Assert.Null(await Store.OpenAsync(key, Stop));

        await PutObjectAsync("genapi.store", "another");
        using var other = await _rig.StartAsync();
        await PutObjectAsync("genapi.store", "yet another");

        // A mark that was seen just now is trusted for some seconds.
        var until = TimeProvider.System.GetUtcNow().AddSeconds(30);
        GenApiException? failure = null;
        while (failure is null && TimeProvider.System.GetUtcNow() < until)
        {
            try
            {
                Assert.Null(await other.FindAsync(key, Stop));
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Stop);
            }
            catch (GenApiException fault)
            {
                failure = fault;
            }
        }
        Assert.Equal(ErrorKind.StorageUnavailable, failure?.Kind);
    }

    private async Task PutObjectAsync(string name, string text)
    {
        using var client = (await S3Server.SharedAsync()).Client();
        await client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = S3Server.Bucket,
                Key = _rig.Prefix + name,
                ContentBody = text,
                UseChunkEncoding = false,
            },
            Stop);
    }
}
