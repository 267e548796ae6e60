using System.Diagnostics;
using GenApi.Core.Blobs;
using GenApi.Core.Blobs.Disk;
using GenApi.Core.Errors;

namespace GenApi.Tests.Blobs;

public sealed class FileBlobStoreTests : BlobStoreSuite, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-blobs-").FullName;
    private readonly FailingFiles _files = new();
    private readonly FileBlobStore _store;
    private readonly HotBlobStore _hot;

    public FileBlobStoreTests()
    {
        _store = new FileBlobStore(_folder, _files, TimeProvider.System);
        _hot = new HotBlobStore(_store, new BlobsOptions());
    }

    public override IBlobStore Store => _hot;

    public override IBlobMaintenance Maintenance => _hot;

    public override IBlobReceipts Receipts => _store;

    public async ValueTask InitializeAsync()
    {
        await _store.PrepareAsync(Stop);
        _files.Calls.Clear();
    }

    public ValueTask DisposeAsync()
    {
        _hot.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Bytes_are_flushed_before_they_get_their_name_and_the_name_after()
    {
        await PutAsync(Bytes(100));

        Assert.Equal(["create", "write", "flush", "create folder", "flush folder", "rename", "flush folder"], _files.Calls);
    }

    [Fact]
    public async Task The_name_is_flushed_for_one_who_finds_the_bytes_there_already()
    {
        await PutAsync(Bytes(100));
        _files.Calls.Clear();

        await PutAsync(Bytes(100));

        Assert.Equal(["create", "write", "flush folder", "delete"], _files.Calls);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("write")]
    [InlineData("flush")]
    [InlineData("create folder")]
    [InlineData("flush folder")]
    [InlineData("rename")]
    public async Task A_failing_call_leaves_nothing_half_done_and_the_next_try_succeeds(string call)
    {
        var bytes = Bytes(100);
        _files.Fail(call, new IOException($"No device under '{_folder}'.", 5));

        var failure = await Assert.ThrowsAsync<GenApiException>(() => CommitAsync(bytes));

        Assert.Equal(ErrorKind.StorageUnavailable, failure.Kind);
        Assert.DoesNotContain(_folder, failure.Message, StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
        Assert.Empty(Leftovers());
        Assert.Equal(BlobCommit.Stored, await CommitAsync(bytes));
    }

    [Fact]
    public async Task No_room_is_told_apart_and_heals_by_itself()
    {
        _files.Fail("write", new IOException("No space left on device", 28));

        var failure = await Assert.ThrowsAsync<GenApiException>(() => CommitAsync(Bytes(100)));

        Assert.Equal(ErrorKind.StorageFull, failure.Kind);
        Assert.True(failure.IsTransient);
        Assert.Equal(BlobCommit.Stored, await CommitAsync(Bytes(100)));
    }

    [Fact]
    public async Task A_really_full_disk_says_so_and_takes_bytes_again_when_there_is_room()
    {
        var mount = Directory.CreateDirectory(Path.Combine(_folder, "small")).FullName;
        if (!await TryRunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount))
            Assert.Skip("A small tmpfs can't be mounted here (that needs root on Linux).");
        try
        {
            using var store = new FileBlobStore(Path.Combine(mount, "blobs"), new DurableFiles(), TimeProvider.System);
            await store.PrepareAsync(Stop);
            var big = Bytes(700_000);
            await using (var staged = await store.StageAsync(null, Stop))
            {
                await staged.WriteAsync(big, Stop);
                await staged.CommitAsync(KeyOf(big), Stop);
            }

            await using (var staged = await store.StageAsync(null, Stop))
                Assert.Equal(
                    ErrorKind.StorageFull,
                    (await Assert.ThrowsAsync<GenApiException>(async () => await staged.WriteAsync(Bytes(700_001), Stop))).Kind);

            await store.DeleteAsync(KeyOf(big), Stop);
            await using (var staged = await store.StageAsync(null, Stop))
            {
                await staged.WriteAsync(Bytes(700_001), Stop);
                Assert.Equal(BlobCommit.Stored, await staged.CommitAsync(KeyOf(Bytes(700_001)), Stop));
            }
        }
        finally
        {
            await TryRunAsync("umount", mount);
        }
    }

    [Theory]
    [InlineData("flush", false)]
    [InlineData("rename", true)]
    public async Task A_receipt_is_there_as_soon_as_the_bytes_are_safe_and_no_sooner(string failing, bool isThere)
    {
        var bytes = Bytes(100);
        _files.Fail(failing, new IOException("No device.", 5));
        await using (var staged = await _store.StageAsync("run-0", Stop))
        {
            await staged.WriteAsync(bytes, Stop);
            await Assert.ThrowsAsync<GenApiException>(() => staged.CommitAsync(KeyOf(bytes), Stop));
        }

        await using var found = await _store.OpenReceiptAsync("run-0", Stop);
        Assert.Equal(isThere, found is not null);
        if (found is not null)
            Assert.Equal(bytes, await ReadAsync(found));
    }

    [Fact]
    public async Task A_receipt_outlives_a_start_and_the_blob_until_it_is_dropped_or_nobody_has_asked_for_a_long_time()
    {
        var bytes = Bytes(100);
        foreach (var receipt in new[] { "run-0", "run-1" })
        {
            await using var staged = await _store.StageAsync(receipt, Stop);
            await staged.WriteAsync(bytes, Stop);
            await staged.CommitAsync(KeyOf(bytes), Stop);
        }
        using var next = new FileBlobStore(_folder, new DurableFiles(), TimeProvider.System);
        await next.PrepareAsync(Stop);
        await next.DeleteAsync(KeyOf(bytes), Stop);

        Assert.Equal(["run-0", "run-1"], (await next.ListReceiptsAsync(Stop)).Order());
        Assert.Empty(await next.ListLeftoversAsync(Stop).ToListAsync(Stop));
        await using (var found = await next.OpenReceiptAsync("run-1", Stop))
            Assert.Equal(bytes, await ReadAsync(found!));
        await next.DropReceiptAsync("run-1", Stop);
        await next.DropReceiptAsync("run-1", Stop);
        Assert.Equal(["run-0"], await next.ListReceiptsAsync(Stop));
        Assert.Equal(0, await next.RemoveAbandonedAsync(DateTimeOffset.UnixEpoch, Stop));
        Assert.Equal(1, await next.RemoveAbandonedAsync(DateTimeOffset.MaxValue, Stop));
        Assert.Null(await next.OpenReceiptAsync("run-0", Stop));
    }

    [Fact]
    public async Task What_a_killed_process_left_half_written_is_removed_at_start()
    {
        var key = await PutAsync(Bytes(100));
        await File.WriteAllBytesAsync(Path.Combine(_folder, "tmp", "dead.part"), Bytes(10), Stop);
        using var next = new FileBlobStore(_folder, new DurableFiles(), TimeProvider.System);

        await next.PrepareAsync(Stop);

        Assert.Empty(Leftovers());
        using var content = await next.OpenAsync(key, Stop);
        Assert.NotNull(content);
    }

    [Fact]
    public async Task Bytes_held_in_memory_are_absent_once_they_are_gone_from_the_disk()
    {
        var key = await PutAsync(Bytes(100));
        await WarmUpAsync(key);

        File.Delete(PathOf(key));

        Assert.Null(await _hot.OpenAsync(key, Stop));
    }

    [Fact]
    public async Task A_file_that_was_cut_from_outside_is_replaced_by_the_good_bytes()
    {
        var bytes = Bytes(100);
        var key = await PutAsync(bytes);
        await WarmUpAsync(key);
        await File.WriteAllBytesAsync(PathOf(key), bytes[..50], Stop);
        using (var cut = await _hot.OpenAsync(key, Stop))
            Assert.Equal(50, cut!.Length);

        Assert.Equal(BlobCommit.Stored, await CommitAsync(bytes));

        using var content = await _hot.OpenAsync(key, Stop);
        Assert.Equal(bytes, await ReadAsync(content!, 0, 100));
    }

    [Fact]
    public async Task A_store_that_is_gone_altogether_is_a_failure_and_not_an_absent_blob()
    {
        var key = await PutAsync(Bytes(100));
        Directory.Move(_folder, _folder + ".away");
        try
        {
            var failure = await Assert.ThrowsAsync<GenApiException>(async () => await _hot.OpenAsync(key, Stop));
            Assert.Equal(ErrorKind.StorageUnavailable, failure.Kind);
        }
        finally
        {
            Directory.Move(_folder + ".away", _folder);
        }
    }

    [Fact]
    public async Task A_walk_through_many_loads_nothing_into_memory_and_reads_what_is_there()
    {
        var (walked, popular) = (await PutAsync(Bytes(100)), await PutAsync(Bytes(101)));
        await WarmUpAsync(popular);

        foreach (var key in new[] { walked, popular, walked, popular, walked, popular })
        {
            using var content = await _hot.OpenOnceAsync(key, Stop);
            Assert.Equal(key == popular, content!.TryGetMemory(out _));
        }
    }

    private async Task WarmUpAsync(string key)
    {
        for (var time = 0; time < 3; time++)
        {
            using var content = await _hot.OpenAsync(key, Stop);
            Assert.Equal(time > 0, content!.TryGetMemory(out _));
        }
    }

    private string PathOf(string key) => Path.Combine(_folder, key[..2], key);

    private string[] Leftovers() => Directory.GetFiles(Path.Combine(_folder, "tmp"));

    private static async Task<bool> TryRunAsync(string program, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Stop);
        return process.ExitCode == 0;
    }

    private static async Task<byte[]> ReadAsync(Stream content)
    {
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, Stop);
        return bytes.ToArray();
    }
}
