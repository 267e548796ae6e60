using System.Security.Cryptography;
using GenApi.Core.Blobs;

namespace GenApi.Tests.Blobs;

/// <summary>The contract of every blob store.</summary>
public abstract partial class BlobStoreSuite
{
    /// <summary>Makes a prepared, empty store.</summary>
    public abstract IBlobStore Store { get; }

    public abstract IBlobMaintenance Maintenance { get; }

    public abstract IBlobReceipts Receipts { get; }

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Committed_bytes_can_be_read_at_any_place()
    {
        var bytes = Bytes(300_000);
        var key = await PutAsync(bytes);

        using var content = await Store.OpenAsync(key, Stop);

        Assert.NotNull(content);
        Assert.Equal(bytes.Length, content.Length);
        Assert.Equal(bytes, await ReadAsync(content, 0, bytes.Length));
        Assert.Equal(bytes[200_001..200_101], await ReadAsync(content, 200_001, 100));
        Assert.Equal(0, await content.ReadAsync(new byte[10], bytes.Length, Stop));
    }

    [Fact]
    public async Task Staged_bytes_are_invisible_until_they_are_committed()
    {
        var bytes = Bytes(1000);
        await using var staged = await Store.StageAsync(null, Stop);
        await staged.WriteAsync(bytes.AsMemory(0, 600), Stop);
        await staged.WriteAsync(bytes.AsMemory(600), Stop);

        Assert.Equal(1000, staged.Length);
        Assert.Null(await Store.OpenAsync(KeyOf(bytes), Stop));
        Assert.Empty(await ListAsync());

        Assert.Equal(BlobCommit.Stored, await staged.CommitAsync(KeyOf(bytes), Stop));
        Assert.Equal(KeyOf(bytes), Assert.Single(await ListAsync()).Key);
    }

    [Fact]
    public async Task Staged_bytes_can_be_read_back_before_the_commit()
    {
        var bytes = Bytes(100_000);
        await using var staged = await Store.StageAsync(null, Stop);
        await staged.WriteAsync(bytes, Stop);

        var buffer = new byte[10];

        Assert.Equal(10, staged.Read(buffer, 99_000));
        Assert.Equal(bytes[99_000..99_010], buffer);
        Assert.Equal(0, staged.Read(buffer, 100_000));
    }

    [Fact]
    public async Task Disposing_without_a_commit_leaves_no_trace()
    {
        await using (var staged = await Store.StageAsync(null, Stop))
            await staged.WriteAsync(Bytes(1000), Stop);

        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task The_same_bytes_are_kept_once()
    {
        var bytes = Bytes(5000);

        Assert.Equal(BlobCommit.Stored, await CommitAsync(bytes));
        Assert.Equal(BlobCommit.AlreadyThere, await CommitAsync(bytes));

        Assert.Equal(5000, Assert.Single(await ListAsync()).Length);
    }

    [Fact]
    public async Task Many_can_commit_the_same_bytes_at_once()
    {
        var bytes = Bytes(70_000);

        await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => CommitAsync(bytes)));

        Assert.Single(await ListAsync());
        using var content = await Store.OpenAsync(KeyOf(bytes), Stop);
        Assert.Equal(bytes, await ReadAsync(content!, 0, bytes.Length));
    }

    [Fact]
    public async Task A_deleted_blob_is_absent_and_can_be_stored_again()
    {
        var bytes = Bytes(100);
        var key = await PutAsync(bytes);

        Assert.True(await Store.DeleteAsync(key, Stop));
        Assert.False(await Store.DeleteAsync(key, Stop));
        Assert.Null(await Store.OpenAsync(key, Stop));
        Assert.Empty(await ListAsync());

        Assert.Equal(BlobCommit.Stored, await CommitAsync(bytes));
    }

    [Fact]
    public async Task Who_opened_a_blob_before_its_deletion_reads_it_to_the_end()
    {
        var bytes = Bytes(50_000);
        var key = await PutAsync(bytes);
        using var content = await Store.OpenAsync(key, Stop);

        await Store.DeleteAsync(key, Stop);

        Assert.Equal(bytes, await ReadAsync(content!, 0, bytes.Length));
    }

    [Fact]
    public async Task A_blob_opened_again_and_again_stays_the_same()
    {
        var bytes = Bytes(60_000);
        var key = await PutAsync(bytes);

        for (var time = 0; time < 5; time++)
        {
            using var content = await Store.OpenAsync(key, Stop);
            Assert.Equal(bytes, await ReadAsync(content!, 0, bytes.Length));
        }
        await Store.DeleteAsync(key, Stop);
        Assert.Null(await Store.OpenAsync(key, Stop));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("../b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n")]
    public async Task What_is_not_a_hash_is_no_key(string key)
    {
        await using var staged = await Store.StageAsync(null, Stop);

        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.OpenAsync(key, Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteAsync(key, Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => staged.CommitAsync(key, Stop));
    }

    [Fact]
    public async Task The_readiness_check_leaves_nothing_behind()
    {
        await Store.CheckAsync(Stop);

        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_part_is_read_where_it_lies_and_the_rest_too()
    {
        var bytes = Bytes(100_000);
        var key = await PutAsync(bytes);

        using var content = await Store.OpenAsync(key, new BlobRange(50_000, 100), Stop);

        Assert.Equal(bytes.Length, content!.Length);
        Assert.Equal(bytes[50_000..50_100], await ReadAsync(content, 50_000, 100));
        Assert.Equal(bytes[50_100..50_200], await ReadAsync(content, 50_100, 100));
        Assert.Equal(bytes[..10], await ReadAsync(content, 0, 10));
        using var beyond = await Store.OpenAsync(key, new BlobRange(200_000, null), Stop);
        Assert.Equal(bytes.Length, beyond!.Length);
    }

    [Fact]
    public async Task Several_readers_read_one_blob_at_different_places()
    {
        var bytes = Bytes(200_000);
        var key = await PutAsync(bytes);
        using var content = await Store.OpenAsync(key, Stop);

        var parts = await Task.WhenAll(Enumerable.Range(0, 8).Select(at => ReadAsync(content!, at * 25_000, 25_000)));

        Assert.Equal(bytes, parts.SelectMany(part => part));
    }

    [Fact]
    public async Task A_blob_is_found_by_its_key_and_where_it_matters_by_its_length()
    {
        var key = await PutAsync(Bytes(100));

        Assert.Equal((key, 100L), await Store.FindAsync(key, Stop) is { } found ? (found.Key, found.Length) : default);
        Assert.Null(await Store.FindAsync(KeyOf(Bytes(101)), Stop));
        Assert.True(await Store.HasAsync(key, null, Stop));
        Assert.True(await Store.HasAsync(key, 100, Stop));
        Assert.False(await Store.HasAsync(key, 99, Stop));
        Assert.False(await Store.HasAsync(KeyOf(Bytes(101)), null, Stop));
    }

    [Fact]
    public async Task Bytes_that_were_compared_with_their_hash_can_be_read()
    {
        var bytes = Bytes(300_000);
        var key = await PutAsync(bytes);

        using var content = await Store.OpenVerifiedAsync(key, Stop);

        Assert.Equal(bytes, await ReadAsync(content!, 0, bytes.Length));
        Assert.Null(await Store.OpenVerifiedAsync(KeyOf(Bytes(101)), Stop));
        Assert.Equal((BlobVerdict.Whole, bytes.Length), await Maintenance.VerifyAsync(key, bytes.Length, isDeep: true, Stop));
    }

    [Fact]
    public async Task A_deletion_that_comes_too_late_deletes_nothing()
    {
        var key = await PutAsync(Bytes(100));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.DeleteAsync(key, static () => false, Stop));

        Assert.NotNull(await Store.FindAsync(key, Stop));
    }

    protected static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    protected static string KeyOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    protected async Task<string> PutAsync(byte[] bytes)
    {
        await CommitAsync(bytes);
        return KeyOf(bytes);
    }

    protected async Task<BlobCommit> CommitAsync(byte[] bytes)
    {
        await using var staged = await Store.StageAsync(null, Stop);
        await staged.WriteAsync(bytes, Stop);
        return await staged.CommitAsync(KeyOf(bytes), Stop);
    }

    protected async Task<List<BlobInfo>> ListAsync()
    {
        var found = new List<BlobInfo>();
        await foreach (var each in Maintenance.ListAsync(Stop))
            found.Add(each);
        return found;
    }

    protected static async Task<byte[]> ReadAsync(BlobContent content, long offset, int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = await content.ReadAsync(bytes.AsMemory(at), offset + at, Stop);
            Assert.NotEqual(0, read);
            at += read;
        }
        return bytes;
    }
}
