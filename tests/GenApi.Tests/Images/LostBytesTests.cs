using GenApi.Core.Maintenance.Checks;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using GenApi.Tests.Uploads;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Images;

/// <summary>Missing or damaged bytes are no longer an answer, wherever they are noticed, and the next request makes them again.</summary>
public sealed class LostBytesTests
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Blobs:HotBytes"] = TestBlobs.HotBytes,
        ["Logging:LogLevel:Default"] = "None",
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>Who finds that bytes are missing. A hit looks for its file, and does not ask S3.</summary>
    public static TheoryData<string> Finders =>
        StoreKind.IsS3 ? ["GET", "HEAD", "scan"] : ["GET", "HEAD", "scan", "nobody", "restart"];

    [Theory]
    [MemberData(nameof(Finders))]
    public async Task A_missing_image_stops_being_an_answer_at_once_and_the_next_request_makes_it_again(string found)
    {
        await using var app = await GenApiApp.StartAsync(Settings);
        var made = await app.GenerateAsync(Requests.Small(1));
        await app.GetAsync(made.ImageUrl().PathAndQuery);
        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(made));
        if (found is "GET" or "HEAD")
            Assert.Equal(500, (await app.SendAsync(new HttpMethod(found), made.ImageUrl().PathAndQuery, null)).Status);
        if (found == "scan")
            await app.Services.GetRequiredService<BlobScan>().RunAsync(Ended);
        if (found == "restart")
        {
            // Another image is there, so the store is not empty.
            await app.GenerateAsync(Requests.Small(2));
            await app.RestartAsync();
        }

        var again = await app.GenerateAsync(Requests.Small(1));

        await Requests.AssertWholeAsync(app, again);
        Assert.NotEqual(made.Id, again.Id);
        Assert.Equal(
            found is "nobody" or "restart" ? "GenApi; fwd=stale; stored; detail=bytes-lost" : "GenApi; fwd=miss; stored",
            again.Header("Cache-Status"));
        Assert.Equal("GenApi; hit", (await app.GenerateAsync(Requests.Small(1))).Header("Cache-Status"));
        Assert.Equal(200, (await app.GetAsync($"/generations/{made.Id}")).Status);
        Assert.Equal(found == "restart" ? 3 : 2, app.Sandbox.Stats.Creations);
        await app.StopAsync();
        Assert.Equal(0, (await Damage.FsckAsync(app)).ExitCode);
    }

    [Fact]
    public async Task What_a_caller_has_is_not_confirmed_while_the_bytes_are_lost_and_the_problem_says_what_to_do()
    {
        await using var app = await GenApiApp.StartAsync(Settings);
        var made = await app.GenerateAsync(Requests.Small(1));
        var tag = (await app.GetAsync(made.ImageUrl().PathAndQuery)).Header("ETag")!;
        Assert.Equal(304, (await app.GetAsync(made.ImageUrl().PathAndQuery, ("If-None-Match", tag))).Status);
        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(made));

        var lost = await app.GetAsync(made.ImageUrl().PathAndQuery);

        Assert.Equal((500, "blob_missing"), (lost.Status, lost.Code));
        Assert.Contains("Send the same request to make it again", lost.Text, StringComparison.Ordinal);
        Assert.Equal(500, (await app.GetAsync(made.ImageUrl().PathAndQuery, ("If-None-Match", tag))).Status);
        var store = (await app.GetAsync("/health/ready"))["checks", "store"];
        Assert.Equal(
            ("warn", "1"), (store.GetProperty("status").GetString(), store.GetProperty("facts").GetProperty("missing_images").GetString()));
        Assert.Contains("genapi_images_lost_total{", (await app.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("upload")]
    [InlineData("image")]
    [InlineData("mask")]
    public async Task An_input_without_its_bytes_is_refused_by_name_before_anything_is_spent(string kind)
    {
        await using var app = await GenApiApp.StartAsync();
        var (id, key) = kind == "image" ? await ImageAsync(app) : await UploadAsync(app);
        var creations = app.Sandbox.Stats.CreationAttempts;
        await app.Store.Blobs.DeleteAsync(key);
        object request = kind == "mask"
            ? new
            {
                prompt = "a red fox",
                seed = 7,
                width = 64,
                height = 64,
                image = (await app.UploadAsync(Pictures.Png(25, 25))).Id,
                mask = id,
                model = "sdxl",
            }
            : new { prompt = "a red fox", seed = 7, width = 64, height = 64, image = id };

        var refused = await app.GenerateAsync(request);

        Assert.Equal((422, "invalid_input"), (refused.Status, refused.Code));
        Assert.Contains(
            "missing from the store", refused["errors", kind == "mask" ? "$.mask" : "$.image"][0].GetString(), StringComparison.Ordinal);
        Assert.Equal(creations, app.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task Damage_is_found_by_the_scan_and_the_good_bytes_take_the_place_of_the_bad_ones()
    {
        await using var app = await GenApiApp.StartAsync(Settings);
        var made = await app.GenerateAsync(Requests.Small(1));
        var whole = await app.GenerateAsync(Requests.Small(2));
        await app.Store.Blobs.SpoilAsync(Damage.KeyOf(made));

        Assert.Equal(2, await app.Services.GetRequiredService<BlobScan>().RunAsync(Ended));

        Assert.Equal(500, (await app.GetAsync(made.ImageUrl().PathAndQuery)).Status);
        await Requests.AssertWholeAsync(app, whole);
        Assert.True(await app.Store.Blobs.IsInQuarantineAsync(Damage.KeyOf(made)));
        Assert.Equal("1", (await app.GetAsync("/health/ready"))["checks", "store", "facts", "damaged_images"].GetString());
        var again = await app.GenerateAsync(Requests.Small(1));
        await Requests.AssertWholeAsync(app, again);
        Assert.Equal((false, Damage.KeyOf(made)), (made.Id == again.Id, Damage.KeyOf(again)));
        // The bytes are back, for the old image too, and its row says so after the next reading.
        Assert.Equal(200, (await app.GetAsync(made.ImageUrl().PathAndQuery)).Status);
        await app.Services.GetRequiredService<BlobScan>().RunAsync(Ended);
        await app.StopAsync();
        Assert.Equal("", Damage.Mending((await Damage.FsckAsync(app)).Report));
    }

    [Fact]
    public async Task A_remake_and_an_upload_of_the_same_bytes_replace_damaged_ones()
    {
        await using var app = await GenApiApp.StartAsync(Settings);
        var made = await app.GenerateAsync(Requests.Small(1));
        await app.Store.Blobs.SpoilAsync(Damage.KeyOf(made));
        await Requests.AssertWholeAsync(app, await app.GenerateAsync(Requests.Small(1), ("Cache-Control", "no-cache")));
        await Requests.AssertWholeAsync(app, made);

        var upload = await app.UploadAsync(Pictures.Png(24, 24));
        var key = upload["sha256"].GetString()!;
        await app.Store.Blobs.SpoilAsync(key);
        await app.UploadAsync(Pictures.Png(24, 24));
        var used = await app.GenerateAsync(new { prompt = "a red fox", seed = 3, width = 64, height = 64, image = upload.Id });
        await Requests.AssertWholeAsync(app, used);
        Assert.Equal(key, Assert.Single(app.Sandbox.Stats.UploadedFiles).Sha256);
    }

    [Fact]
    public async Task A_run_on_a_damaged_input_is_not_paid_for()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Logging:LogLevel:Default"] = "None" });
        var (id, key) = await UploadAsync(app);
        await app.Store.Blobs.FlipAsync(key);

        var failed = await app.GenerateAsync(new { prompt = "a red fox", seed = 7, width = 64, height = 64, image = id });

        Assert.Equal((500, "blob_missing"), (failed.Status, failed.Code));
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task Reading_goes_on_where_it_was_after_a_restart()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        await app.GenerateAsync(Requests.Small(2));
        await app.StopAsync();
        var keys = await app.Store.NeededBlobsAsync();
        await File.WriteAllTextAsync(Path.Combine(app.DataDirectory, "genapi.scan"), $"image {keys[0]}", Ended);
        await app.StartAgainAsync();
        var scan = app.Services.GetRequiredService<BlobScan>();

        Assert.Equal((1, 2), (await scan.RunAsync(Ended), await scan.RunAsync(Ended)));
    }

    private static async Task<(string Id, string Key)> ImageAsync(GenApiApp app)
    {
        var made = await app.GenerateAsync(Requests.Small(1));
        return (made["images"][0].GetProperty("id").GetString()!, Damage.KeyOf(made));
    }

    private static async Task<(string Id, string Key)> UploadAsync(GenApiApp app)
    {
        var upload = await app.UploadAsync(Pictures.Png(24, 24));
        return (upload.Id, upload["sha256"].GetString()!);
    }
}
