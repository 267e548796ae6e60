using GenApi.Sandbox.Control;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Generations;

/// <summary>
/// Tests a store that goes away while the service runs. Nothing is paid for until it is back, and then the service goes on.
/// </summary>
[OnlyOnSqlite]
[OnlyOnDisk]
public sealed class StoreGoneTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("data")]
    [InlineData("data/blobs")]
    public async Task While_a_folder_is_gone_nothing_is_accepted_and_when_it_is_back_the_service_goes_on(string part)
    {
        await using var app = await GenApiApp.StartAsync();
        var known = await app.GenerateAsync(Requests.Small(1));
        var folder = Path.Combine(app.Folder, part);
        Directory.Move(folder, folder + ".away");

        await AssertNothingIsAcceptedAsync(app, known: 1);
        // A hit from memory is refused too, because its link would be dead.
        Assert.Equal((503, "storage_unavailable"), CodeOf(await app.GenerateAsync(Requests.Small(1))));
        Assert.Equal((503, "storage_unavailable"), CodeOf(await app.GetAsync(known.ImageUrl().PathAndQuery)));
        // An empty folder in its place, such as the mount point of a missing volume, is not the store.
        Directory.CreateDirectory(folder);
        await AssertNothingIsAcceptedAsync(app, known: 1);
        Assert.Equal(503, (await app.GetAsync(known.ImageUrl().PathAndQuery)).Status);
        Directory.Delete(folder, recursive: true);

        Directory.Move(folder + ".away", folder);

        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(2)));
        Assert.Equal(200, (await app.GetAsync("/health/ready")).Status);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Theory]
    [InlineData("data")]
    [InlineData("data/blobs")]
    public async Task While_a_folder_can_only_be_read_nothing_is_accepted(string part)
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        using (var mount = ReadOnlyFolder.Mount(Path.Combine(app.Folder, part)))
        {
            await AssertNothingIsAcceptedAsync(app, known: 1);
            Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
        }
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(2)));
    }

    [Fact]
    public async Task What_waits_to_be_sent_waits_until_the_store_is_back()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Replicate:MaxInFlight"] = "1" });
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var running = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        var waiting = await app.GenerateAsync(Requests.Small(2), ("Prefer", "respond-async"));
        var blobs = Path.Combine(app.DataDirectory, "blobs");
        Directory.Move(blobs, blobs + ".away");

        Assert.Equal(202, (await app.PostAsync($"/generations/{running.Id}/cancel")).Status);
        Assert.Equal("canceled", (await Requests.EndedAsync(app, running.Id)).State);
        // The slot is free, and several rounds of the worker pass.
        await Task.Delay(TimeSpan.FromSeconds(2.5), TimeProvider.System, Ended);
        Assert.Equal(("queued", 1), ((await app.GetAsync($"/generations/{waiting.Id}")).State, app.Sandbox.Stats.CreationAttempts));

        Directory.Move(blobs + ".away", blobs);
        await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, waiting.Id));
    }

    [Fact]
    public async Task A_start_on_an_empty_image_store_is_refused_until_the_images_are_written_down_as_lost()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        await app.StopAsync();
        var blobs = Path.Combine(app.DataDirectory, "blobs");
        Directory.Move(blobs, blobs + ".away");
        Directory.CreateDirectory(blobs);

        var (exitCode, _, errors) = await app.VerbAsync();
        Assert.Equal(1, exitCode);
        Assert.StartsWith("DataDirectory: the image store is empty, though the database names images.", errors, StringComparison.Ordinal);

        Directory.Delete(blobs, recursive: true);
        Directory.Move(blobs + ".away", blobs);
        await app.StartAgainAsync();
        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
        await app.StopAsync();
        Directory.Move(blobs, blobs + ".away");
        Directory.CreateDirectory(blobs);
        Assert.Equal(0, (await Damage.FsckAsync(app, "--repair")).ExitCode);
        await app.StartAgainAsync();
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1)));
    }

    private static async Task AssertNothingIsAcceptedAsync(GenApiApp app, int known)
    {
        Assert.Equal((503, "storage_unavailable"), CodeOf(await app.GenerateAsync(Requests.Small(99))));
        Assert.Equal(
            (503, "storage_unavailable"),
            CodeOf(await app.GenerateAsync(Requests.Small(99), ("Cache-Control", "no-cache"), ("Prefer", "respond-async"))));
        using var picture = new ByteArrayContent(Images.Pictures.Png(24, 24)) { Headers = { ContentType = new("image/png") } };
        Assert.Equal((503, "storage_unavailable"), CodeOf(await app.SendAsync(HttpMethod.Post, "/uploads", picture)));
        var ready = await app.GetAsync("/health/ready");
        Assert.Equal((503, "fail"), (ready.Status, ready.State));
        Assert.DoesNotContain(app.Folder, ready.Text, StringComparison.Ordinal);
        Assert.Equal(known, app.Sandbox.Stats.CreationAttempts);
    }

    private static (int, string) CodeOf(Answer answer) => (answer.Status, answer.Status < 400 ? answer.Text : answer.Code);
}
