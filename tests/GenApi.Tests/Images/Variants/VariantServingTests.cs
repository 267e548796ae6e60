using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Metadata;
using GenApi.Images;
using GenApi.Tests.Accounts;
using GenApi.Tests.Maintenance;
using NetVips;

namespace GenApi.Tests.Images.Variants;

/// <summary>Serves variants as originals are served: tags, conditions, ranges, links, rights, and the choice of a format.</summary>
public sealed class VariantServingTests
{
    [Theory]
    [InlineData(null, "png", "png")]
    [InlineData("", "jpeg", "jpeg")]
    [InlineData("*/*", "png", "png")]
    [InlineData("*/*", "webp", "webp")]
    [InlineData("*/*", "avif", "avif")]
    [InlineData("image/*", "jpeg", "jpeg")]
    [InlineData("image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "png", "webp")]
    [InlineData("image/avif,image/webp,*/*", "jpeg", "webp")]
    [InlineData("image/avif,*/*", "jpeg", "avif")]
    [InlineData("IMAGE/WebP", "png", "webp")]
    [InlineData("image/avif;q=1, image/webp;q=0.9", "png", "avif")]
    [InlineData("image/webp;q=0, */*", "webp", "png")]
    [InlineData("image/webp;q=0.1, image/png", "jpeg", "png")]
    [InlineData("image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "webp", "png")]
    [InlineData("image/jpeg", "webp", "jpeg")]
    [InlineData("image/webp;v=1;q=0.5, image/jpeg;q=0.4", "png", "webp")]
    [InlineData("image/webp;q=nonsense, image/png", "jpeg", "png")]
    [InlineData("image/webp;q=5, image/png", "jpeg", "png")]
    [InlineData("text/html", "jpeg", "jpeg")]
    [InlineData(" , ,image/webp", "png", "webp")]
    public void Format_auto_gives_what_the_caller_prefers(string? accept, string own, string chosen) =>
        Assert.Equal(
            Enum.Parse<VariantFormat>(chosen, ignoreCase: true),
            AcceptedFormats.Choose(accept, Enum.Parse<VariantFormat>(own, ignoreCase: true)));

    [Fact]
    public async Task Only_a_negotiated_answer_varies_and_all_of_its_forms_do()
    {
        await using var app = await GenApiApp.StartAsync();
        var path = (await app.PictureAsync(1)).Path();
        var auto = $"{path}?width=64&format=auto";

        var webp = await app.GetAsync(auto, ("Accept", "image/webp"));
        var png = await app.GetAsync(auto);

        Assert.Equal(("image/webp", "image/png"), (webp.Header("Content-Type"), png.Header("Content-Type")));
        foreach (var answer in new[]
        {
            webp, png, await app.SendAsync(HttpMethod.Head, auto, null), await app.GetAsync(auto, ("Range", "bytes=0-9")),
            await app.GetAsync(auto, ("Accept", "image/webp"), ("If-None-Match", webp.Header("ETag")!)),
        })
            Assert.Equal("Accept", answer.Header("Vary"));
        foreach (var query in new[] { "", "?width=64", "?width=64&format=webp" })
            Assert.Null((await app.GetAsync(path + query)).Header("Vary"));
        Assert.Equal(webp.Header("ETag"), (await app.GetAsync($"{path}?width=64&format=webp")).Header("ETag"));
    }

    [Fact]
    public async Task A_variant_has_its_own_tag_and_answers_conditions_and_ranges_as_an_original_does()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.PictureAsync(1);
        var url = $"{made.Path()}?width=64&format=webp";

        // The first request is a HEAD, which has the headers of a GET.
        var head = await app.SendAsync(HttpMethod.Head, url, null);
        var whole = await app.GetAsync(url);

        Assert.Equal((200, 0, 200), (head.Status, head.Body.Length, whole.Status));
        foreach (var name in new[] { "ETag", "Content-Type", "Content-Length", "Cache-Control", "Last-Modified", "Content-Disposition" })
            Assert.Equal((name, whole.Header(name)), (name, head.Header(name)));
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(whole.Body))}\"";
        var original = await app.GetAsync(made.Path());
        Assert.Equal((tag, original.Header("Cache-Control")), (whole.Header("ETag"), whole.Header("Cache-Control")));
        Assert.NotEqual(made["images"][0].GetProperty("sha256").GetString(), tag.Trim('"'));

        Assert.Equal(304, (await app.GetAsync(url, ("If-None-Match", tag))).Status);
        Assert.Equal(304, (await app.GetAsync(url, ("If-Modified-Since", whole.Header("Last-Modified")!))).Status);
        Assert.Equal(412, (await app.GetAsync(url, ("If-Match", "\"other\""))).Status);
        var part = await app.GetAsync(url, ("Range", "bytes=10-19"), ("If-Range", tag));
        Assert.Equal(206, part.Status);
        Assert.Equal(whole.Body[10..20], part.Body);
        Assert.Equal(416, (await app.GetAsync(url, ("Range", "bytes=9999999-"))).Status);
        Assert.Equal(1, await VariantHelp.MadeAsync(app));
    }

    [Fact]
    public async Task A_link_opens_the_variants_of_its_image_and_another_key_finds_nothing()
    {
        await using var app = await Keys.StartAsync();
        var key = Keys.Of((await app.MakeAsync("ann")).Secret);
        var stranger = Keys.Of((await app.MakeAsync("ben")).Secret);
        var made = await app.PictureAsync(1, key);
        var other = await app.PictureAsync(2, key);
        var link = made.ImageUrl();

        var variant = await app.GetAsync($"{link.PathAndQuery}&width=64&format=webp");

        Assert.Equal((200, "image/webp"), (variant.Status, variant.Header("Content-Type")));
        // A link's copy may be kept until the link ends, so a second later the number is one less.
        var (kept, original) = (MaxAgeOf(variant), MaxAgeOf(await app.GetAsync(link.PathAndQuery)));
        Assert.InRange(original, kept - 5, kept);
        Assert.EndsWith(", private", variant.Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Equal(200, (await app.GetAsync($"{link.AbsolutePath}?width=64&{link.Query.TrimStart('?')}")).Status);
        Assert.Equal(
            variant.Header("ETag"), (await app.GetAsync($"{link.AbsolutePath}?width=64&format=webp", key)).Header("ETag"));
        Assert.Equal(403, (await app.GetAsync($"{other.Path()}{link.Query}&width=64")).Status);
        Assert.Equal(401, (await app.GetAsync($"{link.AbsolutePath}?width=64")).Status);
        // Not even the query is judged.
        Assert.Equal(404, (await app.GetAsync($"{link.AbsolutePath}?width=64&format=webp", stranger)).Status);
        Assert.Equal(404, (await app.GetAsync($"{link.AbsolutePath}?width=1", stranger)).Status);
        Assert.Equal(2, await VariantHelp.RowsAsync(app));
    }

    [Theory]
    [InlineData("true", "webp", "jpeg", "png", "avif")]
    [InlineData("false", "webp")]
    public async Task A_variant_is_marked_unless_the_operator_does_not_want_it_and_never_has_the_prompt(
        string isMarked, params string[] formats)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Images:Mark"] = isMarked });
        var made = await app.PictureAsync(1);
        foreach (var format in formats)
        {
            var variant = await app.GetAsync($"{made.Path()}?width=64&format={format}");

            using var image = Image.NewFromBuffer(variant.Body);
            Assert.Equal(isMarked == "true", image.Contains("xmp-data"));
            if (isMarked == "true")
                Assert.Equal(ImageMark.Xmp(), (byte[])image.Get("xmp-data"));
            Assert.DoesNotContain("red fox", Encoding.Latin1.GetString(variant.Body), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Settings_can_go_into_a_variant_for_callers_who_may_read_them()
    {
        await using var app = await Keys.StartAsync();
        var key = Keys.Of((await app.MakeAsync("ann")).Secret);
        var made = await app.PictureAsync(1, key);
        const string query = "width=64&format=jpeg&metadata=embedded";

        var copy = await app.GetAsync($"{made.Path()}?{query}", key);
        var plain = await app.GetAsync($"{made.Path()}?width=64&format=jpeg", key);

        Assert.Equal((200, "image/jpeg", (64, 48)), (copy.Status, copy.Header("Content-Type"), VariantHelp.SizeOf(copy)));
        Assert.Contains("a red fox", Encoding.BigEndianUnicode.GetString(copy.Body) + Encoding.BigEndianUnicode.GetString(copy.Body, 1,
            copy.Body.Length - 1), StringComparison.Ordinal);
        Assert.NotEqual(plain.Header("ETag"), copy.Header("ETag"));
        Assert.Equal(304, (await app.GetAsync($"{made.Path()}?{query}", key, ("If-None-Match", copy.Header("ETag")!))).Status);
        Assert.Equal(403, (await app.GetAsync($"{made.ImageUrl().PathAndQuery}&{query}")).Status);
        Assert.Equal(1, await VariantHelp.RowsAsync(app));
    }

    [Fact]
    public async Task The_original_stays_byte_identical_and_a_restart_finds_the_variants()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.PictureAsync(1);
        var before = await app.Store.Blobs.ReadAsync(Damage.KeyOf(made));
        var tags = new List<string?>();
        string[] queries = ["?width=64", "?format=webp", "?width=64&height=64&fit=cover&format=jpeg"];
        foreach (var query in queries)
            tags.Add((await app.GetAsync(made.Path() + query)).Header("ETag"));

        await app.RestartAsync();

        foreach (var (query, tag) in queries.Zip(tags))
            Assert.Equal(tag, (await app.GetAsync(made.Path() + query)).Header("ETag"));
        Assert.Equal(0, await VariantHelp.MadeAsync(app));
        Assert.Equal(before, await app.Store.Blobs.ReadAsync(Damage.KeyOf(made)));
        Assert.Equal(before, (await app.GetAsync(made.Path())).Body);
    }

    private static int MaxAgeOf(Answer answer) =>
        (int)CacheControlHeaderValue.Parse(answer.Header("Cache-Control")!).MaxAge!.Value.TotalSeconds;
}
