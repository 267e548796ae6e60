using System.Globalization;
using System.Text;
using GenApi.Core.Images.Containers;
using GenApi.Core.Images.Metadata;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Images.Metadata;

/// <summary>Copies of images with their settings inside, over HTTP.</summary>
public sealed class EmbeddedImagesTests
{
    private const string Query = "?metadata=embedded";

    [Fact]
    public async Task A_copy_carries_the_settings_of_its_generation_and_the_same_pixels()
    {
        await using var app = await GenApiApp.StartAsync();
        foreach (var format in (string[])["png", "jpg", "webp"])
        {
            var made = await app.GenerateAsync(new
            {
                prompt = "ein Füchslein\nim Schnee",
                negative_prompt = "häßlich",
                model = "sandbox/collage",
                seed = 7,
                steps = 12,
                width = 64,
                height = 48,
                output_format = format,
            });
            var path = made.ImageUrl().AbsolutePath;
            var before = await app.GetAsync(path);

            var copy = await app.GetAsync(path + Query);

            Assert.Equal((200, before.Header("Content-Type")), (copy.Status, copy.Header("Content-Type")));
            Assert.Equal(Copies.Pixels(before.Body), Copies.Pixels(copy.Body));
            var lines = TextOf(copy.Body).Split('\n');
            Assert.Equal(["ein Füchslein", "im Schnee", "Negative prompt: häßlich"], lines[..3]);
            Assert.StartsWith("Steps: 12, Seed: 7, Size: 64x48, Model: sandbox/collage, ", lines[3], StringComparison.Ordinal);
            Assert.Contains($", Generation: {made.Id}, Created at: ", lines[3], StringComparison.Ordinal);
            var xmp = Encoding.UTF8.GetString(ImageContainer.Read(copy.Body).Xmp!.Value.Span);
            Assert.Contains(Copies.Mark, xmp, StringComparison.Ordinal);
            Assert.DoesNotContain("Füchslein", xmp, StringComparison.Ordinal);
            Assert.Equal(before.Body, (await app.GetAsync(path)).Body);
        }
    }

    [Fact]
    public async Task A_prompt_of_100_kB_arrives_whole()
    {
        // The longest that a request may have: 32,000 characters, here of three and four bytes.
        var prompt = string.Concat(Enumerable.Repeat("狐🦊", 16_000));
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(new { prompt, model = "sandbox/collage", seed = 1, width = 64, height = 64 });
        Assert.True(made.Status == 200, made.Text);

        var copy = await app.GetAsync(made.ImageUrl().AbsolutePath + Query);

        var lines = TextOf(copy.Body).Split('\n');
        Assert.Equal(prompt, lines[0]);
        Assert.Contains("Seed: 1, ", Assert.Single(lines[1..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_is_cached_and_asked_for_in_parts_as_an_original_is_but_stays_private()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Images:CacheControl"] = "public" });
        var made = await app.GenerateAsync(Generations.Requests.Small(1));
        var path = made.ImageUrl().AbsolutePath;
        var original = await app.GetAsync(path);

        var copy = await app.GetAsync(path + Query);
        var again = await app.GetAsync(path + Query);
        var head = await app.SendAsync(HttpMethod.Head, path + Query, null);
        var tag = copy.Header("ETag")!;
        var known = await app.GetAsync(path + Query, ("If-None-Match", tag));
        var part = await app.GetAsync(path + Query, ("Range", "bytes=10-19"), ("If-Range", tag));
        var outside = await app.GetAsync(path + Query, ("Range", "bytes=9999999-"));
        var changed = await app.GetAsync(path + Query, ("If-Match", original.Header("ETag")!));
        var saved = await app.GetAsync($"{path}{Query}&download");

        Assert.StartsWith("\"", tag, StringComparison.Ordinal);
        Assert.NotEqual(original.Header("ETag"), tag);
        Assert.Equal(copy.Body, again.Body);
        Assert.Equal(tag, again.Header("ETag"));
        Assert.Equal((200, 0, tag), (head.Status, head.Body.Length, head.Header("ETag")));
        Assert.Equal(copy.Body.Length.ToString(CultureInfo.InvariantCulture), head.Header("Content-Length"));
        Assert.StartsWith("public, ", original.Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Contains("private", copy.Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Contains("immutable", copy.Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Equal((304, 0), (known.Status, known.Body.Length));
        Assert.Equal(206, part.Status);
        Assert.Equal(copy.Body[10..20], part.Body);
        Assert.Equal((416, 412), (outside.Status, changed.Status));
        Assert.Equal(original.Header("Last-Modified"), copy.Header("Last-Modified"));
        Assert.Equal(original.Header("Content-Disposition"), copy.Header("Content-Disposition"));
        Assert.StartsWith("attachment;", saved.Header("Content-Disposition"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_value_is_refused_and_the_answer_names_the_allowed_one()
    {
        await using var app = await GenApiApp.StartAsync();
        var path = (await app.GenerateAsync(Generations.Requests.Small(1))).ImageUrl().AbsolutePath;

        foreach (var query in (string[])["?metadata=", "?metadata=Embedded", "?metadata=none", "?metadata"])
        {
            var refused = await app.GetAsync(path + query);
            Assert.Equal((400, "invalid_request"), (refused.Status, refused.Code));
            Assert.Contains("must be 'embedded'", refused["errors", "metadata"][0].GetString(), StringComparison.Ordinal);
            Assert.Equal(400, (await app.SendAsync(HttpMethod.Head, path + query, null)).Status);
        }
        Assert.Equal(400, (await app.GetAsync($"{path}{Query}&metadata=embedded")).Status);
        Assert.Equal(200, (await app.GetAsync(path)).Status);
    }

    [Fact]
    public async Task Formats_that_carry_no_settings_are_422_and_their_originals_are_still_served()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/formats", seed = 1 });

        foreach (var image in made["images"].EnumerateArray())
        {
            var path = new Uri(image.GetProperty("url").GetString()!).AbsolutePath;
            var refused = await app.GetAsync(path + Query);
            Assert.Equal((422, "image_not_convertible"), (refused.Status, refused.Code));
            Assert.Contains("PNG, JPEG, WebP and AVIF", refused["detail"].GetString(), StringComparison.Ordinal);
            Assert.Equal(200, (await app.GetAsync(path)).Status);
        }
    }

    [Fact]
    public async Task A_link_alone_opens_the_image_but_not_its_settings()
    {
        await using var app = await Keys.StartAsync();
        var (ann, bob) = (Keys.Of((await app.MakeAsync("ann")).Secret), Keys.Of((await app.MakeAsync("bob")).Secret));
        var url = (await app.GenerateAsync(Generations.Requests.Small(1, "a secret fox"), ann)).ImageUrl();
        var link = $"{url.PathAndQuery}&metadata=embedded";

        var refused = await app.GetAsync(link);

        Assert.Equal((403, "forbidden"), (refused.Status, refused.Code));
        Assert.Contains("Send an API key", refused["detail"].GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret fox", refused.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await app.GetAsync(url.PathAndQuery)).Status);
        Assert.Equal(200, (await app.GetAsync(link, ann)).Status);
        // A key goes before a link, and this one sees nothing.
        Assert.Equal(404, (await app.GetAsync(link, bob)).Status);
        Assert.Equal(401, (await app.GetAsync(url.AbsolutePath + Query)).Status);
    }

    /// <summary>The text as image tools find it.</summary>
    private static string TextOf(byte[] copy)
    {
        var carried = ImageContainer.Read(copy);
        if (carried.Format == ContainerFormat.Png)
            return Assert.Single(carried.Texts, text => text.Keyword == SettingsText.PngKeyword).Text;
        var comment = Assert.Single(ExifBlock.Read(carried.Exif!.Value)!.Exif, entry => entry.Tag == ExifTags.UserComment).Value;
        Assert.Equal("UNICODE\0", Encoding.ASCII.GetString(comment.Span[..8]));
        return Encoding.BigEndianUnicode.GetString(comment.Span[8..]);
    }
}
