using GenApi.Core.Blobs;
using GenApi.Core.Errors;

namespace GenApi.Tests.Blobs;

/// <summary>Tests what a store tries and remembers of its writes, and what it holds in memory.</summary>
public sealed class StoreWritesTests : StoreFolder
{
    [Fact]
    public async Task A_probe_writes_a_byte_flushes_it_and_takes_it_away()
    {
        await Store.TryWriteAsync(Stop);
        Assert.Equal(["create", "write", "flush", "delete"], Files.Calls);

        foreach (var call in new[] { "create", "write", "flush" })
        {
            Files.Fail(call, new IOException("No device.", 5));
            Assert.Equal(ErrorKind.StorageUnavailable, (await Assert.ThrowsAsync<GenApiException>(() => Store.TryWriteAsync(Stop))).Kind);
        }
        Directory.Move(Folder, Folder + ".away");
        try
        {
            Files.Calls.Clear();
            await Assert.ThrowsAsync<GenApiException>(() => Store.TryWriteAsync(Stop));
            Assert.NotNull(Store.Fault);
            await Assert.ThrowsAsync<GenApiException>(() => Store.CheckAsync(Stop));
            Assert.Empty(Files.Calls);
        }
        finally
        {
            Directory.Move(Folder + ".away", Folder);
        }
        Assert.Null(Store.Fault);
    }

    /// <summary>A readiness check is for free, so it only repeats what the last write showed, and tries one after a while.</summary>
    [Fact]
    public async Task After_a_failed_write_the_store_is_not_ready_until_one_succeeds()
    {
        await Store.CheckAsync(Stop);
        Files.Fail("write", new IOException("No device.", 5));
        await Assert.ThrowsAsync<GenApiException>(() => PutAsync(Store, 100));

        await Assert.ThrowsAsync<GenApiException>(() => Store.CheckAsync(Stop));
        Files.Calls.Clear();
        Time.Advance(TimeSpan.FromSeconds(10));
        await Store.CheckAsync(Stop);
        Assert.Equal(["create", "write", "flush", "delete"], Files.Calls);
        await Store.CheckAsync(Stop);
        Assert.Equal(4, Files.Calls.Count);

        Files.Fail("rename", new IOException("No device.", 5));
        await Assert.ThrowsAsync<GenApiException>(() => PutAsync(Store, 100));
        await Assert.ThrowsAsync<GenApiException>(() => Store.CheckAsync(Stop));
        await PutAsync(Store, 100);
        Files.Calls.Clear();
        await Store.CheckAsync(Stop);
        Assert.Empty(Files.Calls);
    }

    [Fact]
    public async Task A_file_that_was_touched_is_read_again_and_then_held_in_memory_again()
    {
        var key = await PutAsync(Store, 100);
        using var small = new HotBlobStore(await StartAsync(), new BlobsOptions { HotBytes = 100 });
        Assert.Equal([false, true, true], await HeldAsync(small, key, 3));
        var other = Bytes(101)[..100];
        var path = Path.Combine(Folder, key[..2], key);

        await File.WriteAllBytesAsync(path, other, Stop);
        File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        using (var content = await small.OpenAsync(key, Stop))
        {
            var read = new byte[100];
            Assert.Equal(100, await content!.ReadAsync(read, 0, Stop));
            Assert.Equal(other, read);
        }
        // There is only room for one of them, so the old bytes have been let go.
        Assert.Equal([true, true], await HeldAsync(small, key, 2));
    }

    [Fact]
    public async Task Nothing_is_opened_or_staged_for_somebody_who_has_left()
    {
        var key = await PutAsync(Store, 100);
        var gone = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.OpenAsync(key, gone));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.StageAsync(null, gone));
    }

    private static async Task<List<bool>> HeldAsync(HotBlobStore store, string key, int times)
    {
        var held = new List<bool>();
        for (var time = 0; time < times; time++)
        {
            using var content = await store.OpenAsync(key, Stop);
            held.Add(content!.TryGetMemory(out _));
        }
        return held;
    }
}
