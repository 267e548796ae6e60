using System.IO.Compression;
using GenApi.Client;

namespace GenApi.Tests.Client;

/// <summary>The client's acts on many images at once.</summary>
public sealed class SelectionTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static GenerateRequest Foxes => new() { Prompt = "a red fox", Width = 64, Height = 64, Seed = 1, NumOutputs = 2 };

    [Fact]
    public async Task Many_images_are_archived_deleted_and_restored()
    {
        await using var app = await GenApiApp.StartAsync();
        using var client = new GenApiClient(app.Address);
        var made = await client.GenerateAsync(Foxes, cancellationToken: Ended);
        var ids = made.Images.Select(image => image.Id).ToList();

        await using (var stream = await client.ArchiveAsync(ids, Ended))
        {
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Ended);
            using var zip = new ZipArchive(bytes);
            Assert.Equal(["settings.json", "a-red-fox-1.png", "a-red-fox-1-2.png"], zip.Entries.Select(entry => entry.FullName));
        }
        var deleted = await client.DeleteImagesAsync(ids, Ended);
        Assert.Equal(ids, deleted.Ids);
        Assert.NotNull(deleted.RestorableUntil);
        Assert.Empty((await client.GetAsync(made.Id, cancellationToken: Ended)).Images);
        await client.RestoreImagesAsync(ids, Ended);
        Assert.Equal(ids, (await client.GetAsync(made.Id, cancellationToken: Ended)).Images.Select(image => image.Id));

        var unknown = await Assert.ThrowsAsync<GenApiProblemException>(() => client.RestoreImagesAsync(ids, Ended));
        Assert.Equal((404, "$.ids[0]"), (unknown.Status, unknown.Errors.Keys.First()));
    }

    [Fact]
    public async Task A_deletion_whose_answer_is_lost_is_repeated_and_an_archive_that_is_cut_says_so()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();
        var ids = (await client.GenerateAsync(Foxes, cancellationToken: Ended)).Images.Select(image => image.Id).ToList();

        var begun = new TaskCompletionSource();
        front.Spoil("POST", "/images/archive", async (context, pass) =>
        {
            using var answer = await pass();
            context.Response.ContentLength = answer.Content.Headers.ContentLength;
            await context.Response.Body.WriteAsync(new byte[100], context.RequestAborted);
            // A reset before the client has the headers would be a call to repeat.
            await begun.Task;
            context.Abort();
        });
        await using (var stream = await client.ArchiveAsync(ids, Ended))
        {
            begun.SetResult();
            await Assert.ThrowsAsync<GenApiConnectionException>(() => stream.CopyToAsync(Stream.Null, Ended));
        }
        front.Spoil("POST", "/images/delete", Front.ResetAfter);
        Assert.Equal(ids, (await client.DeleteImagesAsync(ids, Ended)).Ids);
        Assert.Equal(2, front.Seen("POST", "/images/delete").Count);
        front.Spoil("POST", "/images/restore", Front.ResetAfter);
        await Assert.ThrowsAsync<GenApiConnectionException>(() => client.RestoreImagesAsync(ids, Ended));
        Assert.Single(front.Seen("POST", "/images/restore"));
    }
}
