using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Images.Library;
using GenApi.Tests.Images;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Blobs.S3;

/// <summary>Tests that a bucket and a database that do not belong together end the start.</summary>
public sealed class S3AtStartTests : IAsyncLifetime
{
    private static readonly IOptions<BlobsOptions> InS3 = Options.Create(new BlobsOptions { Provider = "s3" });

    private readonly CoreRig _database = new();
    private readonly S3Rig _bucket = new();

    private static CancellationToken Stop => CoreRig.Stop;

    public async ValueTask InitializeAsync()
    {
        S3Rig.SkipIfMissing();
        await _database.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _bucket.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task An_empty_database_refuses_a_bucket_with_images_unless_they_are_new()
    {
        var store = await _bucket.StartAsync();
        await PrepareAsync(store, hours: 2);
        await S3Rig.CommitAsync(store, S3Rig.Bytes(1000));

        // A crash may leave the first image of all without its row.
        await PrepareAsync(store, hours: 0);
        var refusal = await Assert.ThrowsAsync<SettingException>(() => PrepareAsync(store, hours: 2));

        Assert.Equal("Blobs:S3:Prefix", refusal.Key);
        Assert.Contains("images that this database does not know", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_with_images_refuses_an_empty_bucket()
    {
        var library = _database.Get<ImageLibrary>();
        using (var staged = await library.StageAsync(new MemoryStream(Pictures.Png(8, 8)), Stop))
        {
            var id = Guid.CreateVersion7(_database.Now);
            await _database.Writer.WriteAsync(
                (db, token) =>
                {
                    db.Add(staged.ToRow(id, id, 0, "a"));
                    return db.SaveChangesAsync(token);
                },
                Stop);
        }
        var store = await _bucket.StartAsync();

        var refusal = await Assert.ThrowsAsync<SettingException>(() => PrepareAsync(store, hours: 0));

        Assert.Equal("Blobs:S3:Bucket", refusal.Key);
        Assert.Contains("the image store is empty", refusal.Message, StringComparison.Ordinal);
        // With any image in it, it may be the right one.
        await S3Rig.CommitAsync(store, S3Rig.Bytes(1000));
        await PrepareAsync(store, hours: 2);
    }

    private Task PrepareAsync(IBlobMaintenance store, int hours) =>
        _database.Make<BlobsAtStart>(store, InS3, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(hours)))
            .PrepareAsync(Stop);
}
