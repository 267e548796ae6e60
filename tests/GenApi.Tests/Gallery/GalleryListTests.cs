using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;

namespace GenApi.Tests.Gallery;

/// <summary>Tests which images each filter finds, their order, and what a row shows.</summary>
public sealed class GalleryListTests(GalleryListTests.House house) : IClassFixture<GalleryListTests.House>
{
    private GenApiApp App => house.App;

    [Fact]
    public async Task Images_are_listed_newest_first_and_those_of_a_run_in_its_order()
    {
        var (ids, pages) = await Listed.AllAsync(App, "?limit=2");

        Assert.Equal([.. house.Wide, .. house.Webp, .. house.Pair, .. house.Fox], ids);
        Assert.Equal(3, pages);
        // A video is no image.
        Assert.DoesNotContain(ids, id => id.StartsWith("fil_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_filter_finds_what_it_says()
    {
        (string Query, IReadOnlyList<string> Found)[] table =
        [
            ("?q=fox", [.. house.Webp, .. house.Fox]),
            ("?q=light%20blue", house.Pair),
            ("?q=nothing", []),
            ("?q=", [.. house.Wide, .. house.Webp, .. house.Pair, .. house.Fox]),
            ("?model=sdxl", [.. house.Wide, .. house.Fox]),
            ("?model=stability-ai/stable-diffusion", house.Pair),
            ("?pinned=true", house.Pair),
            ("?pinned=false", [.. house.Wide, .. house.Webp, .. house.Fox]),
            ("?min_width=65", [.. house.Wide, .. house.Webp]),
            ("?min_width=128&format=png", house.Wide),
            ("?format=webp", house.Webp),
            ("?format=png", [.. house.Wide, .. house.Pair, .. house.Fox]),
            ("?format=gif", []),
            ("?tag=Best%20of", [house.Pair[1], house.Fox[0]]),
            ("?tag=none", []),
            ("?tag=best%20of&q=blue", [house.Pair[1]]),
            ("?tag=best%20of&model=sdxl", house.Fox),
            ("?tag=best%20of&pinned=true&q=lighthouse&format=png&min_width=64", [house.Pair[1]]),
            ($"?created_before={house.PairAt}", house.Fox),
            ($"?created_after={house.PairAt}", [.. house.Wide, .. house.Webp, .. house.Pair]),
            ($"?created_after={house.PairAt}&created_before={house.WebpAt}", house.Pair),
            ($"?created_after={house.PairAt}&q=fox", house.Webp),
            ($"?created_before={house.PairAt}&q=fox", house.Fox),
            ($"?created_before={house.PairAt}&tag=best%20of", house.Fox),
            ("?q=lighthouse&model=sdxl", []),
            ("?pinned=true&model=sdxl", []),
        ];
        foreach (var (query, found) in table)
        {
            var all = await Listed.AllAsync(App, query + "&limit=1");
            Assert.Equal((query, string.Join(' ', found)), (query, string.Join(' ', all.Ids)));
            Assert.Equal((query, string.Join(' ', found)), (query, string.Join(' ', await Listed.IdsAsync(App, query + "&limit=100"))));
        }
    }

    [Theory]
    [InlineData("?colour=red", "colour", "'colour' is not known here.")]
    [InlineData("?taq=x", "taq", "Did you mean 'tag'?")]
    [InlineData("?limit=0", "limit", "a whole number from 1 to 100; it is \"0\"")]
    [InlineData("?limit=101", "limit", "a whole number from 1 to 100")]
    [InlineData("?limit=1&limit=2", "limit", "more than once")]
    [InlineData("?cursor=nonsense", "cursor", "the next_cursor of an earlier page")]
    [InlineData("?pinned=yes", "pinned", "'pinned' must be true or false; it is \"yes\"")]
    [InlineData("?min_width=0", "min_width", "a whole number of pixels from 1 to 2147483647; it is \"0\"")]
    [InlineData("?min_width=-1", "min_width", "a whole number of pixels")]
    [InlineData("?min_width=2147483648", "min_width", "a whole number of pixels")]
    [InlineData("?min_width=64.5", "min_width", "a whole number of pixels")]
    [InlineData("?format=jpg", "format", "one of png, jpeg, webp, avif, gif")]
    [InlineData("?format=PNG", "format", "it is \"PNG\"")]
    [InlineData("?created_after=yesterday", "created_after", "an RFC 3339 time")]
    [InlineData("?created_before=2026-01-31", "created_before", "an RFC 3339 time")]
    [InlineData("?model=no-such-alias", "model", "no-such-alias")]
    [InlineData("?tag=a%00b", "tag", "U+0000")]
    [InlineData("?tag=a%0Ab", "tag", "without control characters")]
    [InlineData("?tag=%20%20", "tag", "it is blank")]
    [InlineData("?tag=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "tag", "it has 65 characters")]
    [InlineData("?q=a%00b", "q", "U+0000")]
    public async Task A_wrong_parameter_is_named(string query, string name, string sentence)
    {
        var refused = await App.GetAsync("/images" + query);

        BadInputTests.AssertProblem(refused, 400, "invalid_request");
        Assert.Contains(sentence, refused["errors", name][0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_wrong_parameters_are_named_at_once_and_each_list_takes_only_its_own_cursors()
    {
        var refused = await App.GetAsync("/images?min_width=x&format=x&pinned=x");
        Assert.Equal(3, refused["errors"].EnumerateObject().Count());

        var images = Listed.CursorOf(await Listed.PageAsync(App, "?limit=1"));
        var generations = Listed.CursorOf(await App.GetAsync("/generations?limit=1"));
        Assert.Equal(400, (await App.GetAsync($"/generations?cursor={images}")).Status);
        Assert.Equal(400, (await App.GetAsync($"/images?cursor={generations}")).Status);
        // The character that is altered may be any, so the other one must differ from it.
        Assert.Equal(400, (await App.GetAsync($"/images?cursor={images![..42]}{(images[42] == 'A' ? 'Q' : 'A')}{images[43..]}")).Status);
    }

    [Fact]
    public async Task A_row_shows_the_image_and_its_run()
    {
        var row = (await Listed.RowsAsync(App, "?tag=best%20of&limit=1"))[0];

        string Text(string name) => row.GetProperty(name).GetString()!;
        Assert.Equal((house.Pair[1], house.PairGeneration), (Text("id"), Text("generation_id")));
        Assert.Equal($"{App.Address}images/{house.Pair[1]}", Text("url"));
        Assert.Equal($"{Text("url")}?width=256&format=webp", Text("thumbnail_url"));
        Assert.Equal("image/png", Text("content_type"));
        Assert.Equal((64, 64), (row.GetProperty("width").GetInt32(), row.GetProperty("height").GetInt32()));
        Assert.Equal(("a light blue lighthouse", "stability-ai/stable-diffusion"), (Text("prompt"), Text("model")));
        Assert.Equal((7, true), (row.GetProperty("seed").GetInt64(), row.GetProperty("pinned").GetBoolean()));
        Assert.Equal(["best of"], Listed.Strings(row.GetProperty("tags")));
        Assert.Equal(0, row.GetProperty("more_tags").GetInt32());
        Assert.Equal(house.PairAt, Uri.EscapeDataString(Text("created_at")));
        // The address of the picture opens it.
        Assert.Equal(200, (await App.GetAsync(new Uri(Text("url")).PathAndQuery)).Status);
    }

    [Fact]
    public async Task With_keys_a_link_opens_the_image_and_its_thumbnail_without_one()
    {
        await using var app = await Keys.StartAsync();
        var ann = Keys.Of((await app.MakeAsync("ann")).Secret);
        await app.GenerateAsync(Requests.Small(1), ann);

        var row = Assert.Single(await Listed.RowsAsync(app, "", ann));

        var link = new Uri(row.GetProperty("url").GetString()!);
        Assert.Contains("?expires=", link.Query, StringComparison.Ordinal);
        Assert.Equal($"{link}&width=256&format=webp", row.GetProperty("thumbnail_url").GetString());
        Assert.Equal(200, (await app.GetAsync(link.PathAndQuery)).Status);
    }

    /// <summary>A service with four generations, the oldest first, and a video.</summary>
    public sealed class House : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        public IReadOnlyList<string> Fox { get; private set; } = [];

        public IReadOnlyList<string> Pair { get; private set; } = [];

        public IReadOnlyList<string> Webp { get; private set; } = [];

        public IReadOnlyList<string> Wide { get; private set; } = [];

        public string PairGeneration { get; private set; } = "";

        /// <summary>When the pair was made, as a parameter.</summary>
        public string PairAt { get; private set; } = "";

        public string WebpAt { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            App = await GenApiApp.StartAsync();
            Fox = Listed.ImagesOf(await App.GenerateAsync(Requests.Small(1)));
            var pair = await App.GenerateAsync(
                new { prompt = "a light blue lighthouse", model = "sd", width = 64, height = 64, num_outputs = 2, seed = 7 });
            (Pair, PairGeneration, PairAt) = (Listed.ImagesOf(pair), pair.Id, TimeOf(pair));
            Assert.Equal(2, Pair.Count);
            var webp = await App.GenerateAsync(
                new
                {
                    prompt = "a foxglove",
                    model = "flux-schnell",
                    output_format = "webp",
                    seed = 3,
                    input = new { megapixels = "0.25" },
                });
            (Webp, WebpAt) = (Listed.ImagesOf(webp), TimeOf(webp));
            Wide = Listed.ImagesOf(await App.GenerateAsync(new { prompt = "the sea", seed = 2, width = 128, height = 64 }));
            await App.PostAsync($"/generations/{pair.Id}/pin");
            foreach (var id in (string[])[Fox[0], Pair[1]])
                Assert.Equal(204, (await App.SendAsync(HttpMethod.Put, $"/images/{id}/tags/best%20of", null)).Status);
        }

        public async ValueTask DisposeAsync() => await App.DisposeAsync();

        private static string TimeOf(Answer made) => Uri.EscapeDataString(made["created_at"].GetString()!);
    }
}
