using System.Text.Json;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Images;
using static GenApi.Tests.Uploads.InputPictures;

namespace GenApi.Tests.Uploads;

/// <summary>Files in requests: by id, by data URI, by URL; what reaches the upstream, and which requests are equal.</summary>
public sealed class InputFileTests
{
    private static readonly byte[] Small = Pictures.Png(24, 24);

    /// <summary>Some 500 kB, so its data URI is above 256 kB.</summary>
    private static readonly byte[] Large = Pictures.Png(420, 420);

    [Fact]
    public async Task An_upload_reaches_the_model_by_its_very_bytes_and_is_sent_once()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = await app.UploadAsync(Small);

        var made = await app.GenerateAsync(From(upload.Id, 1));
        var again = await app.GenerateAsync(From(upload.Id, 2));

        await Requests.AssertWholeAsync(app, made);
        await Requests.AssertWholeAsync(app, again);
        var sent = Assert.Single(app.Sandbox.Stats.UploadedFiles);
        Assert.Equal((Sha256(Small), "image/png", (long)Small.Length), (sent.Sha256, sent.ContentType, sent.Bytes));
        Assert.Contains(
            $"Using image: 24x24, sha256 {Sha256(Small)}", (await app.GetAsync($"/generations/{made.Id}/logs")).Text,
            StringComparison.Ordinal);
        Assert.Equal(upload.Id, made["input", "image"].GetString());
        var input = Sent(app, 0);
        Assert.Equal($"{app.Sandbox.BaseUrl}v1/files/{sent.Id}", input.GetProperty("image").GetString());
        Assert.Equal("a red fox", input.GetProperty("prompt").GetString());
    }

    [Fact]
    public async Task The_picture_it_begins_from_can_be_seen_in_the_picture_it_makes()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = await app.UploadAsync(Plain(64, 64));

        var kept = await app.GenerateAsync(
            new { prompt = "a red fox", seed = 1, width = 64, height = 64, image = upload.Id, strength = 0 });
        var given = await app.GenerateAsync(
            new { prompt = "a red fox", seed = 1, width = 64, height = 64, image = upload.Id, strength = 1 });

        Assert.True(IsPlainAt((await app.GetAsync(kept.ImageUrl().PathAndQuery)).Body, 0.5, 0.5));
        Assert.False(IsPlainAt((await app.GetAsync(given.ImageUrl().PathAndQuery)).Body, 0.5, 0.5));
    }

    [Fact]
    public async Task An_image_of_ours_is_an_input_of_the_next()
    {
        await using var app = await GenApiApp.StartAsync();
        var first = await app.GenerateAsync(Requests.Small(1));
        var image = first["images"][0];

        var made = await app.GenerateAsync(From(image.GetProperty("id").GetString()!, 2));

        await Requests.AssertWholeAsync(app, made);
        Assert.Equal(image.GetProperty("sha256").GetString(), Assert.Single(app.Sandbox.Stats.UploadedFiles).Sha256);
        Assert.Equal(image.GetProperty("id").GetString(), made["input", "image"].GetString());
    }

    [Fact]
    public async Task A_small_data_URI_is_sent_as_it_is_and_a_large_one_as_a_file_once()
    {
        await using var app = await GenApiApp.StartAsync();

        var small = await app.GenerateAsync(From(DataUri(Small), 1));
        Assert.Empty(app.Sandbox.Stats.UploadedFiles);
        Assert.Equal(DataUri(Small), Sent(app, 0).GetProperty("image").GetString());
        Assert.Equal(DataUri(Small), small["input", "image"].GetString());

        Assert.True(DataUri(Large).Length > 256 * 1024);
        var large = await app.GenerateAsync(From(DataUri(Large), 2));
        var again = await app.GenerateAsync(From(DataUri(Large), 3));

        await Requests.AssertWholeAsync(app, large);
        await Requests.AssertWholeAsync(app, again);
        Assert.Equal(Sha256(Large), Assert.Single(app.Sandbox.Stats.UploadedFiles).Sha256);
        Assert.StartsWith("http", Sent(app, 1).GetProperty("image").GetString(), StringComparison.Ordinal);
        Assert.Contains(Sha256(Large), (await app.GetAsync($"/generations/{large.Id}/logs")).Text, StringComparison.Ordinal);
        // The row names the upload that was made from it, so that half a megabyte is not in every answer.
        Assert.StartsWith("upl_", large["input", "image"].GetString(), StringComparison.Ordinal);
        Assert.Equal(large["input", "image"].GetString(), again["input", "image"].GetString());
        Assert.Equal(Sha256(Large), (await app.GetAsync($"/uploads/{large["input", "image"].GetString()}"))["sha256"].GetString());
    }

    [Fact]
    public async Task The_input_of_a_generation_can_be_posted_again_as_it_is()
    {
        await using var app = await GenApiApp.StartAsync();
        foreach (var image in new[] { (await app.UploadAsync(Small)).Id, DataUri(Large), DataUri(Small) })
        {
            var made = await app.GenerateAsync(From(image, 5), ("Cache-Control", "no-cache"));

            var again = await app.GenerateAsync(new { input = made["input"] });

            Assert.Equal(("GenApi; hit", made.Id), (again.Header("Cache-Status"), again.Id));
        }
    }

    [Fact]
    public async Task The_same_bytes_are_the_same_request_however_they_are_given()
    {
        await using var app = await GenApiApp.StartAsync();
        var picture = await app.GenerateAsync(Requests.Small(1));
        var bytes = (await app.GetAsync(picture.ImageUrl().PathAndQuery)).Body;
        var upload = await app.UploadAsync(bytes);

        var made = await app.GenerateAsync(From(upload.Id, 2));

        string[] others =
        [
            upload.Id, (await app.UploadAsync(bytes)).Id, picture["images"][0].GetProperty("id").GetString()!, DataUri(bytes),
            DataUri(bytes, "application/octet-stream"),
        ];
        foreach (var other in others)
        {
            var same = await app.GenerateAsync(From(other, 2));
            Assert.Equal(("GenApi; hit", made.Id), (same.Header("Cache-Status"), same.Id));
        }
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        var different = await app.GenerateAsync(From((await app.UploadAsync(Small)).Id, 2));
        Assert.NotEqual(made.Id, different.Id);
    }

    [Fact]
    public async Task A_URL_is_sent_as_it_is_and_is_the_same_by_its_text()
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.GenerateAsync(From("https://example.com/fox.png", 1));
        var same = await app.GenerateAsync(From("https://example.com/fox.png", 1));
        var other = await app.GenerateAsync(From("https://example.com/fox.png?v=2", 1));

        Assert.Equal(("GenApi; hit", made.Id), (same.Header("Cache-Status"), same.Id));
        Assert.NotEqual(made.Id, other.Id);
        Assert.Equal("https://example.com/fox.png", Sent(app, 0).GetProperty("image").GetString());
        Assert.Empty(app.Sandbox.Stats.UploadedFiles);
    }

    [Fact]
    public async Task A_list_of_files_and_the_models_own_names_take_ids_too()
    {
        await using var app = await GenApiApp.StartAsync();
        var one = await app.UploadAsync(Small);
        var two = await app.UploadAsync(Large);

        var list = await app.GenerateAsync(new
        {
            prompt = "a collage",
            model = "sandbox/collage",
            seed = 1,
            width = 64,
            height = 64,
            input = new { image_input = new[] { one.Id, "https://example.com/x.png", two.Id, DataUri(Small) } },
        });
        var single = await app.GenerateAsync(
            new { prompt = "a collage", model = "sandbox/collage", seed = 2, width = 64, height = 64, image = one.Id });
        var own = await app.GenerateAsync(
            new { prompt = "a guided one", model = "flux-1.1-pro", seed = 3, input = new { image_prompt = two.Id } });

        foreach (var answer in new[] { list, single, own })
            await Requests.AssertWholeAsync(app, answer);
        var sent = Sent(app, 0).GetProperty("image_input");
        Assert.Equal(4, sent.GetArrayLength());
        Assert.StartsWith($"{app.Sandbox.BaseUrl}v1/files/", sent[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("https://example.com/x.png", sent[1].GetString());
        Assert.StartsWith($"{app.Sandbox.BaseUrl}v1/files/", sent[2].GetString(), StringComparison.Ordinal);
        Assert.Equal(DataUri(Small), sent[3].GetString());
        Assert.Equal(
            [one.Id, "https://example.com/x.png", two.Id, DataUri(Small)],
            list["input", "image_input"].EnumerateArray().Select(each => each.GetString()));
        Assert.Equal(2, app.Sandbox.Stats.UploadedFiles.Count);
    }

    [Fact]
    public async Task A_prompt_that_looks_like_an_id_stays_a_prompt()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = await app.UploadAsync(Small);

        await Requests.AssertWholeAsync(
            app, await app.GenerateAsync(new { prompt = upload.Id, seed = 1, width = 64, height = 64, image = upload.Id }));

        Assert.Equal(upload.Id, Sent(app, 0).GetProperty("prompt").GetString());
    }

    [Theory]
    [InlineData("upl_01knf4sgd2e4y8c25mgcv9w4c1", "there is no upload")]
    [InlineData("img_01knf4sgd2e4y8c25mgcv9w4c1", "there is no image")]
    [InlineData("data:image/png;base64,!!!!", "data URI that can't be read")]
    [InlineData("data:image/png;base64,aGVsbG8gd29ybGQ=", "is not an image of a known format")]
    [InlineData("data:image/svg+xml;base64,PHN2ZyB4bWxucz0naHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmcnLz4=", "an SVG drawing")]
    public async Task A_file_that_is_not_there_or_no_picture_is_422_by_its_name_before_anything_is_spent(string image, string word)
    {
        await using var app = await GenApiApp.StartAsync();

        var common = await app.GenerateAsync(From(image, 1));
        var own = await app.GenerateAsync(
            new
            {
                prompt = "a fox",
                model = "sandbox/collage",
                input = new
                {
                    image_input = new[] { "https://example.com/x.png",
            image }
                }
            });

        BadInputTests.AssertProblem(common, 422, "invalid_input");
        Assert.Contains(word, common["errors", "$.image"][0].GetString(), StringComparison.Ordinal);
        BadInputTests.AssertProblem(own, 422, "invalid_input");
        Assert.Contains(word, own["errors", "$.input.image_input[1]"][0].GetString(), StringComparison.Ordinal);
        Assert.Equal((0, 0), (app.Sandbox.Stats.CreationAttempts, app.Sandbox.Stats.UploadAttempts));
        Assert.Equal(0, (await app.GetAsync("/generations"))["data"].GetArrayLength());
    }

    [Fact]
    public async Task All_files_that_are_wrong_are_told_at_once()
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GenerateAsync(
            new { prompt = "a", image = "upl_01knf4sgd2e4y8c25mgcv9w4c1", mask = "img_01knf4sgd2e4y8c25mgcv9w4c1" });

        Assert.Equal(["$.image", "$.mask"], answer["errors"].EnumerateObject().Select(each => each.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_long_data_URI_that_holds_no_image_is_422_with_what_it_looks_like()
    {
        await using var app = await GenApiApp.StartAsync();
        var zip = new byte[300_000];
        "PK\u0003\u0004"u8.CopyTo(zip);
        var before = await app.BlobsAsync();

        var answer = await app.GenerateAsync(From(DataUri(zip, "application/zip"), 1));

        BadInputTests.AssertProblem(answer, 422, "invalid_input");
        Assert.Contains("a ZIP archive", answer["errors", "$.image"][0].GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await app.BlobsAsync());
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts);
    }

    [Fact]
    public async Task What_was_done_under_an_idempotency_key_stays_done_when_its_file_is_gone()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = await app.UploadAsync(Small);
        var first = await app.GenerateAsync(From(upload.Id, 1), ("Idempotency-Key", "order-17"));
        await app.DeleteAsync($"/uploads/{upload.Id}");

        var again = await app.GenerateAsync(From(upload.Id, 1), ("Idempotency-Key", "order-17"));
        var other = await app.GenerateAsync(From(upload.Id, 1), ("Idempotency-Key", "order-18"));

        Assert.Equal((200, first.Id), (again.Status, again.Id));
        BadInputTests.AssertProblem(other, 422, "invalid_input");
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Many_who_need_the_same_bytes_at_once_share_one_sending()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(GenApi.Sandbox.Control.FaultKind.UploadSlow);
        var upload = await app.UploadAsync(Large);
        var all = Enumerable.Range(1, 8).Select(seed => app.GenerateAsync(From(upload.Id, seed))).ToArray();
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        held.Release();

        foreach (var answer in await Task.WhenAll(all))
            await Requests.AssertWholeAsync(app, answer);
        Assert.Equal((1, 8), (app.Sandbox.Stats.UploadAttempts, app.Sandbox.Stats.Creations));
    }

    internal static object From(string image, int seed) => new { prompt = "a red fox", seed, width = 64, height = 64, image };

    /// <summary>Returns the input of a creation as received by the upstream.</summary>
    internal static JsonElement Sent(GenApiApp app, int creation) =>
        JsonElement.Parse(app.Sandbox.Stats.CreationRequests[creation].Body).GetProperty("input");
}
