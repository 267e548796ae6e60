using System.Text.Json;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Doors.OpenAi;

/// <summary>Tests what an answer holds: addresses or base64, formats, sizes and counts.</summary>
public sealed class AnswerFormTests(DoorHouse house) : IClassFixture<DoorHouse>
{
    [Theory]
    [InlineData("dall-e-2", "url")]
    [InlineData("DALL-E-3", "url")]
    [InlineData("dall-e-of-tomorrow", "url")]
    [InlineData("gpt-image-1", "b64_json")]
    [InlineData("gpt-image-of-tomorrow", "b64_json")]
    [InlineData("flux-schnell", "b64_json")]
    [InlineData("sandbox/slow", "b64_json")]
    [InlineData(null, "b64_json")]
    [InlineData("", "b64_json")]
    public async Task The_name_as_sent_decides_unless_the_request_does(string? model, string byDefault)
    {
        var app = house.App;

        Assert.Equal(byDefault, Only(await app.ImagesAsync(new { model, prompt = "a fox", size = "256x256" })));
        foreach (var asked in (string[])["url", "b64_json"])
        {
            var answer = await app.ImagesAsync(new { model, prompt = "a fox", size = "256x256", response_format = asked });
            Assert.Equal(asked, Only(answer));
        }

        static string Only(Answer answer) => Assert.Single(answer.Data()).Name;
    }

    [Fact]
    public async Task A_link_needs_no_key_has_an_extension_and_opens_an_image()
    {
        await using var app = await Keys.StartAsync();

        var made = await app.ImagesAsync(new { model = "dall-e-3", prompt = "a fox", size = "256x256" }, Keys.AsAdmin);

        var url = new Uri(made.Data()[0].Value.GetString()!);
        Assert.Equal(app.Address.Authority, url.Authority);
        Assert.EndsWith(".webp", url.AbsolutePath, StringComparison.Ordinal);
        var image = await app.GetAsync(url.PathAndQuery);
        Assert.Equal((200, "image/webp"), (image.Status, image.Header("Content-Type")));
    }

    [Fact]
    public async Task A_link_to_another_format_opens_that_format()
    {
        var app = house.App;

        var made = await app.ImagesAsync(new
        {
            model = "sdxl",
            prompt = "a fox",
            size = "64x64",
            response_format = "url",
            output_format = "jpeg",
            output_compression = 40,
        });

        var url = new Uri(made.Data()[0].Value.GetString()!);
        Assert.Matches(@"\.jpe?g$", url.AbsolutePath);
        Assert.Contains("quality=40", url.Query, StringComparison.Ordinal);
        var image = await app.GetAsync(url.PathAndQuery);
        Assert.Equal((200, "image/jpeg"), (image.Status, image.Header("Content-Type")));
        Assert.Equal("jpeg", made["output_format"].GetString());
    }

    [Fact]
    public async Task Base64_is_PNG_and_the_model_is_asked_for_it()
    {
        var app = house.App;

        var asked = await app.ImagesAsync(new { model = "flux-schnell", prompt = "a fox", size = "256x256" });
        var without = await app.ImagesAsync(new { model = "sdxl", prompt = "a fox", size = "64x64" });

        Assert.Equal(ImagesDoor.Png, asked.Bytes()[..4]);
        Assert.Equal("png", (await app.InputAsync(asked)).GetProperty("output_format").GetString());
        Assert.Equal(ImagesDoor.Png, without.Bytes()[..4]);
        Assert.False((await app.InputAsync(without)).TryGetProperty("output_format", out _));
        Assert.Equal("png", without["output_format"].GetString());
    }

    [Fact]
    public async Task The_asked_format_comes_from_the_model_or_by_conversion()
    {
        var app = house.App;

        var asked = await app.ImagesAsync(
            new { model = "flux-schnell", prompt = "a fox", size = "256x256", output_format = "jpeg", output_compression = 55 });
        var converted = await app.ImagesAsync(new { model = "sdxl", prompt = "a fox", size = "64x64", output_format = "webp" });
        var animated = await app.ImagesAsync(new { model = "sandbox/animation", prompt = "a fox" });

        var input = await app.InputAsync(asked);
        Assert.Equal("jpg", input.GetProperty("output_format").GetString());
        Assert.Equal(55, input.GetProperty("output_quality").GetInt32());
        Assert.Equal(ImagesDoor.Jpeg, asked.Bytes()[..3]);
        Assert.Equal("jpeg", asked["output_format"].GetString());
        Assert.Equal(ImagesDoor.WebP, converted.Bytes()[..4]);
        Assert.Equal("webp", converted["output_format"].GetString());
        Assert.Equal(ImagesDoor.Png, animated.Bytes()[..4]);
    }

    [Fact]
    public async Task A_compression_that_the_model_has_no_input_for_is_made_by_conversion()
    {
        var app = house.App;

        var small = await app.ImagesAsync(
            new { model = "sdxl", prompt = "a fox", size = "512x512", seed = 1, output_format = "jpeg", output_compression = 10 });
        var large = await app.ImagesAsync(
            new { model = "sdxl", prompt = "a fox", size = "512x512", seed = 1, output_format = "jpeg", output_compression = 95 });

        Assert.Null(small.Header("Genapi-Ignored"));
        Assert.True(small.Bytes().Length * 2 < large.Bytes().Length);
        Assert.Equal(small.Generations(), large.Generations());
    }

    [Fact]
    public async Task Base64_holds_the_bytes_of_the_image_at_any_length()
    {
        var app = house.App;
        // From some hundred bytes to more than what is encoded at once.
        foreach (var size in (string[])["16x16", "64x64", "72x64", "80x64", "512x512"])
        {
            var made = await app.ImagesAsync(new { model = "sdxl", prompt = "a fox", size });
            var details = await app.GetAsync($"/generations/{made.Generations()[0]}");
            var stored = await app.GetAsync(details.ImageUrl().PathAndQuery);

            Assert.Equal(stored.Body, made.Bytes());
            Assert.Equal(size, made["size"].GetString());
            Assert.Equal(made.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), made.Header("Content-Length"));
        }
    }

    [Fact]
    public async Task A_stored_answer_is_the_same_and_costs_nothing()
    {
        var app = house.App;
        var body = new { model = "sdxl", prompt = "a fox", size = "512x512", seed = 7 };
        var creations = app.Sandbox.Stats.Creations;

        var first = await app.ImagesAsync(body);
        var hits = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.ImagesAsync(body)));

        Assert.All(hits, hit => Assert.Equal(first.Bytes(), hit.Bytes()));
        Assert.All(hits, hit => Assert.Equal("GenApi; hit", hit.Header("Cache-Status")));
        Assert.Equal(creations + 1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Usage_is_there_in_whole_numbers()
    {
        var app = house.App;

        var made = await app.ImagesAsync(new { model = "gpt-image-1", prompt = "a fox", size = "256x256" });

        var usage = made["usage"];
        foreach (var count in (string[])["total_tokens", "input_tokens", "output_tokens"])
            Assert.Equal(0, usage.GetProperty(count).GetInt32());
        Assert.Equal(
            ["text_tokens", "image_tokens"], usage.GetProperty("input_tokens_details").EnumerateObject().Select(each => each.Name));
        Assert.Equal(JsonValueKind.Number, made["created"].ValueKind);
        Assert.True(made["created"].TryGetInt64(out _));
    }
}
