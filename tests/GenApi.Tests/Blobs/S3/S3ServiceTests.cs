using System.Net.Http.Headers;
using GenApi.Tests.Generations;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Blobs.S3;

/// <summary>Tests the whole service with its images in S3.</summary>
public sealed class S3ServiceTests
{
    private static readonly (string, string) Wait = ("Prefer", "wait=30"), Async = ("Prefer", "respond-async");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_goes_into_the_bucket_and_comes_back_whole_in_part_and_by_its_headers()
    {
        S3Rig.SkipIfMissing();
        await using var app = await GenApiApp.StartAsync(await SettingsAsync());

        var made = await app.GenerateAsync(Requests.Small(1), Wait);

        Assert.Equal("succeeded", made.State);
        var url = made.ImageUrl().PathAndQuery;
        var whole = await app.GetAsync(url);
        Assert.Equal(200, whole.Status);
        Assert.Equal($"\"{S3Rig.KeyOf(whole.Body)}\"", whole.Header("ETag"));
        var part = await app.GetAsync(url, ("Range", "bytes=10-19"));
        Assert.Equal((206, $"bytes 10-19/{whole.Body.Length}"), (part.Status, part.Header("Content-Range")));
        Assert.Equal(whole.Body[10..20], part.Body);
        var head = await app.SendAsync(HttpMethod.Head, url, null);
        Assert.Equal((200, whole.Header("ETag")), (head.Status, head.Header("ETag")));
        Assert.Equal(304, (await app.GetAsync(url, ("If-None-Match", whole.Header("ETag")!))).Status);
        var copy = await app.GetAsync(url + (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "width=64&format=webp");
        Assert.Equal((200, "image/webp"), (copy.Status, copy.Header("Content-Type")));
        Assert.False(Directory.Exists(Path.Combine(app.DataDirectory, "blobs")));
        Assert.Empty(Directory.GetFiles(Path.Combine(app.DataDirectory, "staging")));

        var ready = await app.GetAsync("/health/ready");
        Assert.Equal("yes", ready["checks", "blob_store", "facts", "ranges"].GetString());
    }

    [Fact]
    public async Task Everything_survives_a_restart_and_is_deleted_with_its_generation()
    {
        S3Rig.SkipIfMissing();
        var settings = await SettingsAsync();
        await using var app = await GenApiApp.StartAsync(settings);
        var made = await app.GenerateAsync(Requests.Small(1), Wait);
        var before = await app.GetAsync(made.ImageUrl().PathAndQuery);

        await app.RestartAsync(settings);

        var again = await app.GenerateAsync(Requests.Small(1), Wait);
        Assert.Equal(made.Id, again.Id);
        Assert.Equal(before.Body, (await app.GetAsync(again.ImageUrl().PathAndQuery)).Body);
        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}")).Status);
        var prefix = settings["Blobs:S3:Prefix"];
        using var client = (await S3Server.SharedAsync()).Client();
        var left = await client.ListObjectsV2Async(new() { BucketName = S3Server.Bucket, Prefix = prefix }, Stop);
        Assert.Equal([$"{prefix}genapi.store"], left.S3Objects.Select(each => each.Key));
    }

    [Fact]
    public async Task While_the_server_is_away_nothing_is_paid_for_and_what_was_paid_for_is_stored_later()
    {
        S3Rig.SkipIfMissing();
        await using var server = await FaultyS3.StartAsync();
        await using var app = await GenApiApp.StartAsync(await SettingsAsync(server.Endpoint));
        var stored = await app.GenerateAsync(Requests.Small(1), Wait);
        server.Always = S3Trouble.Reset;
        var paid = await app.GenerateAsync(Requests.Small(2), Async);

        await PollAsync(() => app.GetAsync("/health/ready"), answer => answer.Status == 503);
        var refused = await app.GenerateAsync(Requests.Small(3), Async);
        Assert.Equal((503, "storage_unavailable"), (refused.Status, refused.Code));
        Assert.NotNull(refused.Header("Retry-After"));
        Assert.Equal(503, (await app.GetAsync(stored.ImageUrl().PathAndQuery)).Status);
        server.Always = null;

        var done = await PollAsync(() => app.GetAsync($"/generations/{paid.Id}"), answer => answer.State == "succeeded");
        Assert.Equal(200, (await app.GetAsync(done.ImageUrl().PathAndQuery)).Status);
        Assert.Equal(200, (await app.GetAsync("/health/ready")).Status);
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        // Nothing counts as lost.
        Assert.Equal(stored.Id, (await app.GenerateAsync(Requests.Small(1), Wait)).Id);
    }

    [Fact]
    public async Task A_caller_who_may_see_an_image_is_sent_to_the_server_for_its_bytes()
    {
        S3Rig.SkipIfMissing();
        var settings = await SettingsAsync();
        settings["Blobs:Redirect"] = "true";
        await using var app = await GenApiApp.StartAsync(settings);
        var made = await app.GenerateAsync(Requests.Small(1), Wait);
        var url = made.ImageUrl().PathAndQuery;

        var sent = await app.GetAsync(url);

        Assert.Equal((302, "no-store, private"), (sent.Status, sent.Header("Cache-Control")));
        using var anyone = new HttpClient();
        using var answer = await anyone.GetAsync(sent.Header("Location"), Stop);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Stop);
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(new MediaTypeHeaderValue("image/png"), answer.Content.Headers.ContentType);
        Assert.Equal("inline", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Contains("private", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal(made["images"][0].GetProperty("sha256").GetString(), S3Rig.KeyOf(bytes));
        using var download = await anyone.GetAsync(
            (await app.GetAsync(url + (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "download")).Header("Location"), Stop);
        Assert.Equal("attachment", download.Content.Headers.ContentDisposition!.DispositionType);
        // What needs no bytes, the page and copies are answered here.
        Assert.Equal(304, (await app.GetAsync(url, ("If-None-Match", $"\"{S3Rig.KeyOf(bytes)}\""))).Status);
        Assert.Equal(200, (await app.SendAsync(HttpMethod.Head, url, null)).Status);
        Assert.Equal(200, (await app.GetAsync(url, ("Sec-Fetch-Site", "same-origin"))).Status);
        Assert.Equal(404, (await app.GetAsync($"/images/img_{new string('0', 26)}")).Status);
    }

    private static async Task<Dictionary<string, string?>> SettingsAsync(string? endpoint = null)
    {
        var settings = (await S3Server.SharedAsync()).Settings(S3Server.NewPrefix(), endpoint);
        settings["Blobs:S3:TimeoutSeconds"] = "2";
        return settings;
    }

    private static async Task<Answer> PollAsync(Func<Task<Answer>> ask, Func<Answer, bool> isDone)
    {
        var patience = TimeProvider.System.GetUtcNow().AddSeconds(60);
        while (true)
        {
            var answer = await ask();
            if (isDone(answer))
                return answer;
            Assert.True(TimeProvider.System.GetUtcNow() < patience, answer.Text);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop);
        }
    }
}
