using GenApi.Core.Blobs;
using GenApi.Core.Blobs.S3;
using GenApi.Core.Errors;

namespace GenApi.Tests.Blobs.S3;

/// <summary>Tests what the store does when the server is slow, busy or away, or when answers are lost.</summary>
public sealed class S3FaultTests : IAsyncLifetime
{
    private readonly S3Rig _rig = new();
    private FaultyS3 _server = null!;
    private S3BlobStore _store = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        S3Rig.SkipIfMissing();
        _server = await FaultyS3.StartAsync();
        await UseStoreAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _rig.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task UseStoreAsync(Action<S3Options>? change = null)
    {
        _store = await _rig.StartAsync(_server.Endpoint, change);
        _server.Forget();
    }

    /// <summary>Silence is waited for, so the wait is short where it is the trouble.</summary>
    private Task UseStoreForAsync(S3Trouble trouble) =>
        trouble is S3Trouble.Silence or S3Trouble.StalledBody ? UseStoreAsync(options => options.TimeoutSeconds = 1) : Task.CompletedTask;

    [Fact]
    public async Task A_new_blob_costs_one_request_and_one_that_is_there_two()
    {
        var bytes = S3Rig.Bytes(1000);

        Assert.Equal(BlobCommit.Stored, await S3Rig.CommitAsync(_store, bytes));
        Assert.Equal(["PUT"], Methods());
        _server.Forget();
        Assert.Equal(BlobCommit.AlreadyThere, await S3Rig.CommitAsync(_store, bytes));
        Assert.Equal(["PUT", "HEAD"], Methods());
        _server.Forget();
        await S3Rig.CommitAsync(_store, S3Rig.Bytes(1001), "run-0");
        Assert.Equal(["PUT", "PUT"], Methods());
    }

    [Fact]
    public async Task A_large_image_streams_as_one_request_and_a_part_of_it_as_another()
    {
        var bytes = S3Rig.Bytes(3_000_000);
        await S3Rig.CommitAsync(_store, bytes);
        _server.Forget();

        Assert.Equal(bytes, await S3Rig.ReadAsync(_store, S3Rig.KeyOf(bytes)));
        Assert.Equal(["GET"], Methods());
        using var part = await _store.OpenAsync(S3Rig.KeyOf(bytes), new BlobRange(1_000_000, 1000), Stop);
        var read = new byte[1000];
        for (var at = 0; at < 1000;)
            at += await part!.ReadAsync(read.AsMemory(at), 1_000_000 + at, Stop);
        Assert.Equal(bytes[1_000_000..1_001_000], read);
        Assert.Equal(["GET", "GET"], Methods());
    }

    [Theory]
    [InlineData(S3Trouble.Busy)]
    [InlineData(S3Trouble.Reset)]
    [InlineData(S3Trouble.Silence)]
    [InlineData(S3Trouble.LostAnswer)]
    internal async Task A_put_that_fails_once_is_repeated(S3Trouble trouble)
    {
        await UseStoreForAsync(trouble);
        var bytes = S3Rig.Bytes(50_000);
        _server.Next(trouble, "PUT");

        await S3Rig.CommitAsync(_store, bytes);

        // SocketsHttpHandler itself repeats a request on a connection that was reset before any answer.
        Assert.InRange(Methods().Count(method => method == "PUT"), 2, 3);
        Assert.Equal(bytes, await S3Rig.ReadAsync(_store, S3Rig.KeyOf(bytes)));
        Assert.Null(_store.Fault);
        Assert.Empty(Directory.GetFiles(_rig.Staging));
    }

    [Theory]
    [InlineData(S3Trouble.Busy)]
    [InlineData(S3Trouble.Reset)]
    internal async Task A_server_that_stays_away_is_asked_three_times_and_then_is_a_transient_failure(S3Trouble trouble)
    {
        _server.Always = trouble;

        var failure = await Assert.ThrowsAsync<GenApiException>(() => S3Rig.CommitAsync(_store, S3Rig.Bytes(100)));

        Assert.Equal((ErrorKind.StorageUnavailable, true), (failure.Kind, failure.IsTransient));
        Assert.NotNull(failure.RetryAfter);
        Assert.InRange(Methods().Count(method => method == "PUT"), 3, 6);
        Assert.Same(failure, _store.Fault);
        await Assert.ThrowsAsync<GenApiException>(() => _store.CheckAsync(Stop));
        await Assert.ThrowsAsync<GenApiException>(async () => await _store.FindAsync(S3Rig.KeyOf(S3Rig.Bytes(100)), Stop));
        await Assert.ThrowsAsync<GenApiException>(async () => await _store.OpenAsync(S3Rig.KeyOf(S3Rig.Bytes(100)), Stop));

        // It comes back by itself.
        _server.Always = null;
        var patience = TimeProvider.System.GetUtcNow().AddSeconds(20);
        while (_store.Fault is not null && TimeProvider.System.GetUtcNow() < patience)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        Assert.Null(_store.Fault);
        await _store.CheckAsync(Stop);
        Assert.Equal(BlobCommit.Stored, await S3Rig.CommitAsync(_store, S3Rig.Bytes(100)));
    }

    [Theory]
    [InlineData(S3Trouble.CutBody)]
    [InlineData(S3Trouble.StalledBody)]
    internal async Task A_body_that_breaks_off_goes_on_where_it_ended(S3Trouble trouble)
    {
        await UseStoreForAsync(trouble);
        var bytes = S3Rig.Bytes(400_000);
        await S3Rig.CommitAsync(_store, bytes);
        _server.Forget();
        _server.Next(trouble, "GET");
        _server.Next(trouble, "GET");

        Assert.Equal(bytes, await S3Rig.ReadAsync(_store, S3Rig.KeyOf(bytes)));

        Assert.Equal(["GET", "GET", "GET"], Methods());
    }

    [Fact]
    public async Task A_body_that_always_breaks_off_is_a_failure_and_no_short_image()
    {
        var bytes = S3Rig.Bytes(400_000);
        await S3Rig.CommitAsync(_store, bytes);
        _server.Always = S3Trouble.CutBody;

        var failure = await Assert.ThrowsAsync<GenApiException>(() => S3Rig.ReadAsync(_store, S3Rig.KeyOf(bytes)));

        Assert.Equal((ErrorKind.StorageUnavailable, true), (failure.Kind, failure.IsTransient));
    }

    [Fact]
    public async Task An_upload_in_parts_survives_a_lost_answer_at_each_step_and_leaves_no_part_behind()
    {
        var bytes = S3Rig.Bytes(S3BlobStore.PartLength + 1000);
        _server.Next(S3Trouble.LostAnswer, "PUT", "partNumber=2");
        _server.Next(S3Trouble.LostAnswer, "POST", "uploadId=");

        Assert.Equal(BlobCommit.Stored, await S3Rig.CommitAsync(_store, bytes));

        using var whole = await _store.OpenVerifiedAsync(S3Rig.KeyOf(bytes), Stop);
        Assert.NotNull(whole);
        _server.Always = S3Trouble.Busy;
        await Assert.ThrowsAsync<GenApiException>(() => S3Rig.CommitAsync(_store, S3Rig.Bytes(S3BlobStore.PartLength + 1001)));
        _server.Always = null;
        Assert.Empty(await _store.ListLeftoversAsync(Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task A_receipt_is_there_as_soon_as_the_commit_is_and_not_without_its_blob()
    {
        var bytes = S3Rig.Bytes(100);
        _server.Next(S3Trouble.Busy, "PUT", "/blobs/");
        _server.Next(S3Trouble.Busy, "PUT", "/blobs/");
        _server.Next(S3Trouble.Busy, "PUT", "/blobs/");
        await Assert.ThrowsAsync<GenApiException>(() => S3Rig.CommitAsync(_store, bytes, "run-0"));
        Assert.Null(await _store.OpenReceiptAsync("run-0", Stop));

        await S3Rig.CommitAsync(_store, bytes, "run-0");

        using var other = await _rig.StartAsync();
        await using var found = await other.OpenReceiptAsync("run-0", Stop);
        Assert.Equal(100, found!.Length);
    }

    [Fact]
    public async Task A_full_local_disk_says_so_and_leaves_nothing_half_done()
    {
        _rig.Files.Fail("write", new IOException("No space left on device", 28));

        var failure = await Assert.ThrowsAsync<GenApiException>(() => S3Rig.CommitAsync(_store, S3Rig.Bytes(100)));

        Assert.Equal((ErrorKind.StorageFull, true), (failure.Kind, failure.IsTransient));
        Assert.Empty(Directory.GetFiles(_rig.Staging));
        Assert.Equal(BlobCommit.Stored, await S3Rig.CommitAsync(_store, S3Rig.Bytes(100)));
    }

    [Fact]
    public async Task Staged_bytes_of_a_killed_process_are_removed_after_a_while()
    {
        await File.WriteAllTextAsync(Path.Combine(_rig.Staging, "dead.part"), "x", Stop);

        Assert.Equal(0, await _store.RemoveAbandonedAsync(DateTimeOffset.UnixEpoch, Stop));
        Assert.Equal(1, await _store.RemoveAbandonedAsync(TimeProvider.System.GetUtcNow().AddMinutes(1), Stop));

        Assert.Empty(Directory.GetFiles(_rig.Staging));
    }

    private List<string> Methods() => [.. _server.Requests.Select(request => request.Split(' ')[0])];
}
