using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;

namespace GenApi.Tests.Images;

public sealed class ImageLibraryTests : IAsyncLifetime
{
    private ImagesHost _host = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ImagesHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_output_of_400_million_pixels_is_kept_as_it_is()
    {
        var bytes = OutputProbeTests.HugePng(20_000);

        using var staged = await _host.Library.StageAsync(
            new MemoryStream(bytes), ImagesHost.NewId(), 0, FilePromise.Of("https://replicate.delivery/out.png", "image/png"), _ =>
                true, Stop);

        Assert.Equal(
            (FileKind.Image, "image/png", 20_000, 20_000),
            (staged.Facts.Kind, staged.Facts.ContentType, staged.Facts.Width!.Value, staged.Facts.Height!.Value));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), staged.Sha256);
    }

    [Fact]
    public async Task A_stored_image_is_found_with_its_facts_and_its_bytes()
    {
        var bytes = Pictures.Png(61, 43);
        var stored = await _host.StoreAsync(bytes);

        var found = await _host.Library.FindAsync(stored.Id, Stop);

        Assert.NotNull(found);
        Assert.Equal(
            ("image/png", 61, 43, (long)bytes.Length, "a-cat-42"),
            (found.ContentType, found.Width, found.Height, found.Bytes, found.FileName));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), found.Sha256);
        // From memory; at most once in between, its blur is computed and it is read again.
        var (second, third) = (await _host.Library.FindAsync(stored.Id, Stop), await _host.Library.FindAsync(stored.Id, Stop));
        Assert.True(ReferenceEquals(found, second) || ReferenceEquals(second, third));
        using var content = await _host.Library.OpenAsync(found, Stop);
        var buffer = new byte[bytes.Length];
        var read = 0;
        while (read < bytes.Length && await content.ReadAsync(buffer.AsMemory(read), read, Stop) is > 0 and var more)
            read += more;
        Assert.Equal(bytes, buffer);
    }

    [Fact]
    public async Task An_id_that_was_unknown_is_found_once_it_is_there()
    {
        using var staged = await _host.Library.StageAsync(new MemoryStream(Pictures.Png()), Stop);
        var row = staged.ToRow(ImagesHost.NewId(), ImagesHost.NewId(), 0, "a");
        Assert.Null(await _host.Library.FindAsync(row.Id, Stop));

        await _host.Writer.WriteAsync(async (db, token) =>
        {
            db.Add(row);
            await db.SaveChangesAsync(token);
        }, Stop);

        Assert.NotNull(await _host.Library.FindAsync(row.Id, Stop));
    }

    [Fact]
    public async Task Bytes_that_are_no_image_leave_nothing_behind()
    {
        await Assert.ThrowsAsync<GenApiException>(() => _host.Library.StageAsync(new MemoryStream("no image"u8.ToArray()), Stop));

        Assert.Equal(0, await CountBlobsAsync());
    }

    [Fact]
    public async Task A_source_that_breaks_off_leaves_nothing_behind_and_is_told_as_it_is()
    {
        await Assert.ThrowsAsync<EndOfStreamException>(() => _host.Library.StageAsync(new BreakingStream(Pictures.Png(300, 300)), Stop));

        Assert.Equal(0, await CountBlobsAsync());
    }

    [Fact]
    public async Task Equal_bytes_stay_until_the_last_image_that_uses_them_is_deleted()
    {
        var first = await _host.StoreAsync(Pictures.Png());
        var second = await _host.StoreAsync(Pictures.Png());
        Assert.Equal(1, await CountBlobsAsync());

        await _host.DeleteAsync(first.Id);
        Assert.Equal(1, await CountBlobsAsync());
        Assert.Null(await _host.Library.FindAsync(first.Id, Stop));
        using (await _host.Library.OpenAsync(second, Stop))
            await _host.DeleteAsync(second.Id);

        Assert.Equal(0, await CountBlobsAsync());
    }

    [Fact]
    public async Task Bytes_are_not_deleted_between_their_commit_and_the_commit_of_their_row()
    {
        var old = await _host.StoreAsync(Pictures.Png());
        using var staged = await _host.Library.StageAsync(new MemoryStream(Pictures.Png()), Stop);

        await _host.DeleteAsync(old.Id);
        Assert.Equal([staged.Sha256], await _host.Bytes.KeysAsync());

        staged.Dispose();
        staged.Dispose();
        Assert.True(await _host.Library.DeleteUnusedAsync(staged.Sha256, Stop));
        Assert.Equal(0, await CountBlobsAsync());
    }

    [Fact]
    public async Task Storing_and_deleting_the_same_bytes_at_once_never_leaves_a_row_without_bytes()
    {
        var bytes = Pictures.Png();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var round = 0; round < 15; round++)
            {
                var image = await _host.StoreAsync(bytes);
                using (var content = await _host.Library.OpenAsync(image, Stop))
                    Assert.Equal(bytes.Length, content.Length);
                await _host.DeleteAsync(image.Id);
            }
        }, Stop)));

        Assert.Equal(0, await _host.CountAsync());
        Assert.Equal(0, await CountBlobsAsync());
    }

    [Fact]
    public async Task The_images_of_a_generation_go_together()
    {
        var generation = ImagesHost.NewId();
        var other = await _host.StoreAsync(Pictures.Png(10, 10));
        for (var index = 2; index >= 0; index--)
            await _host.StoreAsync(Pictures.Png(20 + index, 10), generation: generation, index: index);

        var removed = await _host.Writer.WriteAsync((db, token) => ImageLibrary.RemoveRowsAsync(db, generation, token), Stop);
        await _host.Library.ForgetAsync(removed, Stop);

        Assert.Equal([0, 1, 2], removed.Select(each => each.Image.Index));
        Assert.Equal(1, await _host.CountAsync());
        Assert.Equal(1, await CountBlobsAsync());
        Assert.NotNull(await _host.Library.FindAsync(other.Id, Stop));
    }

    [Fact]
    public async Task Missing_or_shortened_bytes_are_told_apart_from_a_deleted_image()
    {
        var image = await _host.StoreAsync(Pictures.Png());
        await _host.Bytes.WriteAsync(image.BlobKey, [1, 2, 3]);
        Assert.Equal(
            ErrorKind.BlobMissing,
            (await Assert.ThrowsAsync<GenApiException>(async () => await _host.Library.OpenAsync(image, Stop))).Kind);

        await _host.Bytes.DeleteAsync(image.BlobKey);
        Assert.Equal(
            ErrorKind.BlobMissing,
            (await Assert.ThrowsAsync<GenApiException>(async () => await _host.Library.OpenAsync(image, Stop))).Kind);

        await _host.DeleteAsync(image.Id);
        Assert.Equal(
            ErrorKind.NotFound, (await Assert.ThrowsAsync<GenApiException>(async () => await _host.Library.OpenAsync(image, Stop))).Kind);
    }

    private async Task<int> CountBlobsAsync() => (await _host.Store.NeededBlobsAsync()).Length;

    /// <summary>Returns half of the bytes, then fails like a broken connection.</summary>
    private sealed class BreakingStream(byte[] bytes) : MemoryStream(bytes, 0, bytes.Length / 2)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            return count > 0 ? count : throw new EndOfStreamException();
        }
    }
}
