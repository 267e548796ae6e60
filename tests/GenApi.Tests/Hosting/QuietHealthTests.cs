using System.Diagnostics;
using GenApi.Core.Blobs;
using GenApi.Core.Blobs.Disk;
using GenApi.Core.Persistence.Database;
using GenApi.Tests.Blobs;
using GenApi.Tests.Gallery;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Hosting;

/// <summary>Anyone may ask for readiness, so it must not write, but it must notice that the store can't be written.</summary>
public sealed class QuietHealthTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    [OnlyOnSqlite]
    [OnlyOnDisk]
    public async Task A_probe_writes_nothing()
    {
        var files = new FailingFiles();
        await using var app = await GenApiApp.StartAsync(services: services => services.AddSingleton<DurableFiles>(files));
        await app.GenerateAsync(Requests.Small(1));
        // The blurred preview is the last thing that is written of an image.
        while ((await Listed.RowsAsync(app))[0].GetProperty("thumbhash").GetString() is null)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        var (calls, log) = (files.Calls.Count, LogOf(app));

        for (var probes = 0; probes < 20; probes++)
            Assert.Equal(200, (await app.GetAsync("/health/ready")).Status);

        Assert.Equal(calls, files.Calls.Count);
        Assert.Equal(log, LogOf(app));
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_probe_does_not_wait_for_the_lock_of_the_database()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        await using var other = new SqliteConnection($"Data Source={Damage.Database(app)};Pooling=False");
        await other.OpenAsync(Ended);
        await using var holding = other.BeginTransaction(deferred: false);

        var began = Stopwatch.GetTimestamp();
        Assert.Equal(200, (await app.GetAsync("/health/ready")).Status);

        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 2);
    }

    [Fact]
    public async Task A_disk_that_failed_fails_readiness_until_a_write_succeeds_and_is_tried_every_ten_seconds()
    {
        var (files, time) = (new FailingFiles(), new FakeTimeProvider(DateTimeOffset.UnixEpoch));
        using var folder = new Folder();
        using var store = new FileBlobStore(folder.Path, files, time);
        await store.PrepareAsync(Ended);
        files.Fail("flush", new IOException("The disk is broken."), lasts: true);
        await Assert.ThrowsAsync<Core.Errors.GenApiException>(() => PutAsync(store));
        var calls = files.Calls.Count;

        for (var probes = 0; probes < 5; probes++)
            await Assert.ThrowsAsync<Core.Errors.GenApiException>(() => store.CheckAsync(Ended));
        Assert.Equal(calls, files.Calls.Count);

        time.Advance(LastWrite.TryEvery);
        await Assert.ThrowsAsync<Core.Errors.GenApiException>(() => store.CheckAsync(Ended));
        Assert.Equal(2, files.Hits);
        files.Heal();
        await Assert.ThrowsAsync<Core.Errors.GenApiException>(() => store.CheckAsync(Ended));
        time.Advance(LastWrite.TryEvery);
        await store.CheckAsync(Ended);

        // A real write makes it ready at once.
        files.Fail("write", new IOException("The disk is broken."));
        await Assert.ThrowsAsync<Core.Errors.GenApiException>(() => PutAsync(store));
        await Assert.ThrowsAsync<Core.Errors.GenApiException>(() => store.CheckAsync(Ended));
        await PutAsync(store);
        await store.CheckAsync(Ended);
    }

    [Fact]
    [OnlyOnSqlite]
    public async Task A_database_that_could_not_be_written_fails_readiness_until_it_can()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await GenApiApp.StartAsync(time: time);
        var writer = app.Services.GetRequiredService<DatabaseWriter>();
        var file = Damage.Database(app);
        File.Move(file, file + ".away");
        await Assert.ThrowsAsync<Core.Errors.GenApiException>(() => writer.WriteAsync((_, _) => Task.CompletedTask, Ended));
        File.Move(file + ".away", file);

        // A write without changes, as most background work does, proves nothing.
        await writer.WriteAsync((_, _) => Task.CompletedTask, Ended);
        await Assert.ThrowsAsync<Core.Errors.GenApiException>(() => writer.CheckAsync(Ended));
        // Two writes within one tick of the file system's clock would have the same time.
        File.SetLastWriteTimeUtc(file + "-wal", DateTime.UnixEpoch);
        var log = LogOf(app);
        time.Advance(LastWrite.TryEvery);
        await writer.CheckAsync(Ended);

        // Only a page that was written proves it.
        Assert.NotEqual(log, LogOf(app));
    }

    private static (long, DateTime) LogOf(GenApiApp app) =>
        new FileInfo(Damage.Database(app) + "-wal") is var log ? (log.Length, log.LastWriteTimeUtc) : default;

    private static async Task PutAsync(FileBlobStore store)
    {
        await using var staged = await store.StageAsync(null, Ended);
        await staged.WriteAsync("bytes"u8.ToArray(), Ended);
        await staged.CommitAsync(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("bytes"u8)), Ended);
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("genapi-health-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
