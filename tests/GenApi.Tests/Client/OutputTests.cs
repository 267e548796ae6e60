using System.Security.Cryptography;
using GenApi.Client;

namespace GenApi.Tests.Client;

/// <summary>Saved files are whole and have the right name, and nothing else is left behind.</summary>
public sealed class OutputTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static GenerateRequest Fox => new() { Prompt = "a red fox", Width = 64, Height = 64, Seed = 1 };

    [Fact]
    public async Task A_picture_whose_bytes_are_cut_damaged_or_refused_on_the_way_is_saved_whole()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();
        var image = Assert.Single((await client.GenerateAsync(Fox, cancellationToken: Ended)).Images);
        front.Spoil("GET", "/images/", Front.CutHalf);
        front.Spoil("GET", "/images/", Front.Page(502));
        front.Spoil("GET", "/images/", async (context, pass) =>
        {
            // Other bytes, with an end that shows no cut: no length, and the connection closes.
            using var answer = await pass();
            var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
            await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2), context.RequestAborted);
        });
        var folder = Path.Combine(app.Folder, "missing", "folder");

        var path = await client.SaveAsync(image, Path.Combine(folder, "fox"), Ended);

        Assert.Equal(Path.Combine(folder, "fox.png"), path);
        Assert.Equal([path], Directory.GetFileSystemEntries(folder));
        Assert.Equal(image.Sha256, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path, Ended))));
        Assert.Equal(4, front.Seen("GET", "/images/").Count);
    }

    [Fact]
    public async Task All_outputs_are_saved_under_their_ids_and_kinds()
    {
        await using var app = await GenApiApp.StartAsync();
        using var client = new GenApiClient(app.Address);
        var made = await client.GenerateAsync(new() { Prompt = "a lighthouse", Model = "sandbox/mesh", Seed = 1 },
            cancellationToken: Ended);

        var paths = await client.SaveAllAsync(made, Path.Combine(app.Folder, "out"), Ended);

        Assert.Equal([$"{made.Files[0].Id}.glb", $"{made.Files[1].Id}.mp4", $"{made.Images[0].Id}.png"], paths.Select(Path.GetFileName));
        Assert.All(made.Files.Zip(paths), each => Assert.Equal(each.First.Bytes, new FileInfo(each.Second).Length));
        using var bytes = new MemoryStream();
        await using (var stream = await client.OpenAsync(made.Files[1], Ended))
            await stream.CopyToAsync(bytes, Ended);
        Assert.Equal(await File.ReadAllBytesAsync(paths[1], Ended), bytes.ToArray());
    }

    [Fact]
    public async Task A_failure_of_the_callers_own_disk_is_its_own_and_nothing_is_fetched_again()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();
        var image = Assert.Single((await client.GenerateAsync(Fox, cancellationToken: Ended)).Images);
        var folder = Directory.CreateDirectory(Path.Combine(app.Folder, "out", "fox.png")).Parent!.FullName;

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => client.SaveAsync(image, Path.Combine(folder, "fox.png"), Ended));

        Assert.True(failure is IOException or UnauthorizedAccessException, failure.ToString());
        Assert.Single(front.Seen("GET", "/images/"));
        Assert.Equal(["fox.png"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_picture_is_replaced_as_a_whole_and_deleted_at_the_service()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();
        var image = Assert.Single((await client.GenerateAsync(Fox, cancellationToken: Ended)).Images);
        var path = Path.Combine(app.Folder, "fox.PNG");
        await File.WriteAllTextAsync(path, "an older one", Ended);

        Assert.Equal(path, await client.SaveAsync(image, path, Ended));
        Assert.Equal(image.Bytes, new FileInfo(path).Length);

        // The answer to the first attempt is lost, and the second finds nothing: the file is gone, as requested.
        front.Spoil("DELETE", "/images/", Front.ResetAfter);
        await client.DeleteAsync(image, Ended);
        var gone = await Assert.ThrowsAsync<GenApiProblemException>(() => client.DeleteAsync(image, Ended));
        Assert.Equal((404, "not_found"), (gone.Status, gone.Code));
    }
}
