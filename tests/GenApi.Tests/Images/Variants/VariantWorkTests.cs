using GenApi.Core.Blobs;
using GenApi.Tests.Blobs;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using GenApi.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Images.Variants;

/// <summary>Makes variants: once, however many ask, and with whatever is wrong with the original or the disk.</summary>
public sealed class VariantWorkTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>Calls that fail on a full disk. Bytes for S3 are only written to a temporary file.</summary>
    public static TheoryData<string> Calls => StoreKind.IsS3 ? ["write"] : ["write", "flush", "rename"];

    [Fact]
    public async Task Two_hundred_requests_at_once_make_a_missing_variant_once()
    {
        await using var app = await GenApiApp.StartAsync();
        var url = $"{(await app.PictureAsync(1)).Path()}?width=128&format=webp";

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => app.GetAsync(url)));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Single(answers.Select(answer => answer.Header("ETag")).Distinct());
        Assert.All(answers, answer => Assert.Equal(answers[0].Body, answer.Body));
        Assert.Equal((1, 1), (await VariantHelp.MadeAsync(app), await VariantHelp.RowsAsync(app)));
    }

    [Fact]
    public async Task A_damaged_image_is_decoded_once_in_a_minute_and_its_original_is_still_served()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await ImagesHost.StartAsync(time);
        var bytes = VariantHelp.Undecodable();
        var url = ImagesHost.UrlOf(await host.StoreAsync(bytes));

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => host.Client.GetAsync($"{url}?width=64", Ended)));

        foreach (var answer in answers)
        {
            Assert.Equal(422, (int)answer.StatusCode);
            Assert.Equal("image_not_convertible", await answer.Content.ReadAsStringAsync(Ended));
        }
        Assert.Equal(1, host.Variants("failed"));
        Assert.Equal(bytes, await host.Client.GetByteArrayAsync(url, Ended));
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(422, (int)(await host.Client.GetAsync($"{url}?width=64", Ended)).StatusCode);
        Assert.Equal(2, host.Variants("failed"));
        Assert.Equal(0, host.Variants("kept"));
    }

    [Theory]
    [InlineData("gif", "image/webp")]
    [InlineData("avif", "image/avif")]
    [InlineData("jpeg progressive", "image/jpeg")]
    [InlineData("webp lossless", "image/webp")]
    public async Task Without_a_format_a_variant_keeps_the_images_own_or_becomes_WebP(string format, string type)
    {
        await using var host = await ImagesHost.StartAsync();
        var image = await host.StoreAsync(Pictures.Of(format, 100, 50));

        using var answer = await host.Client.GetAsync($"{ImagesHost.UrlOf(image)}?width=64", Ended);

        Assert.Equal((200, type), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("rotten")]
    public async Task A_lost_original_is_answered_as_ever_and_a_kept_variant_of_it_is_still_served(string how)
    {
        await using var app = await GenApiApp.StartAsync(
            new() { ["Blobs:HotBytes"] = TestBlobs.HotBytes, ["Logging:LogLevel:Default"] = "None" });
        var made = await app.PictureAsync(1);
        var kept = await app.GetAsync($"{made.Path()}?width=64");
        if (how == "missing")
            await app.Store.Blobs.DeleteAsync(Damage.KeyOf(made));
        else
        {
            await app.Store.Blobs.FlipAsync(Damage.KeyOf(made));
            // The bytes in memory are still good.
            await app.RestartAsync();
        }

        var lost = await app.GetAsync($"{made.Path()}?width=128");

        Assert.Equal((500, "blob_missing"), (lost.Status, lost.Code));
        Assert.Equal(kept.Body, (await app.GetAsync($"{made.Path()}?width=64")).Body);
        Assert.Equal(500, (await app.GetAsync(made.Path())).Status);
        Assert.Equal(how == "rotten", await app.Store.Blobs.IsInQuarantineAsync(Damage.KeyOf(made)));
        // The next request makes the image again.
        Assert.NotEqual(made.Id, (await app.PictureAsync(1)).Id);
    }

    [Fact]
    public async Task A_variant_without_its_bytes_is_made_again_at_once()
    {
        await using var app = await GenApiApp.StartAsync();
        var url = $"{(await app.PictureAsync(1)).Path()}?width=64&format=webp";
        var first = await app.GetAsync(url);
        await app.Store.Blobs.DeleteAsync(VariantHelp.KeyOf(first));

        var again = await app.GetAsync(url);

        Assert.Equal((200, first.Header("ETag")), (again.Status, again.Header("ETag")));
        Assert.Equal(first.Body, again.Body);
        Assert.Equal((2, 1), (await VariantHelp.MadeAsync(app, "kept"), await VariantHelp.RowsAsync(app)));
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task On_a_full_disk_a_variant_is_served_and_not_kept_and_nothing_is_torn(string call)
    {
        var files = new FailingFiles();
        await using var app = await GenApiApp.StartAsync(
            new() { ["Logging:LogLevel:GenApi.Core.Images"] = "Warning" },
            services: services => services.AddSingleton<DurableFiles>(files));
        var url = $"{(await app.PictureAsync(1)).Path()}?width=64&format=webp";
        var blobs = await VariantHelp.BlobsAsync(app);
        files.Fail(call, new IOException("It failed.", 28), lasts: true);

        var first = await app.GetAsync(url);
        var second = await app.GetAsync(url);
        var head = await app.SendAsync(HttpMethod.Head, url, null);

        Assert.Equal((200, 200, 200), (first.Status, second.Status, head.Status));
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(304, (await app.GetAsync(url, ("If-None-Match", first.Header("ETag")!))).Status);
        Assert.Equal((0, blobs), (await VariantHelp.RowsAsync(app), await VariantHelp.BlobsAsync(app)));
        Assert.Equal((4, 0), (await VariantHelp.MadeAsync(app, "not_kept"), await VariantHelp.MadeAsync(app, "kept")));
        Assert.Single(app.Logs, line => line.Contains("could not be kept", StringComparison.Ordinal));

        files.Heal();
        Assert.Equal(first.Header("ETag"), (await app.GetAsync(url)).Header("ETag"));
        Assert.Equal((1, blobs + 1), (await VariantHelp.RowsAsync(app), await VariantHelp.BlobsAsync(app)));
        await Requests.AssertWholeAsync(app, await app.PictureAsync(1));
        await app.StopAsync();
        await Damage.AssertSoundAsync(app);
    }
}
