namespace GenApi.Tests.Images.Variants;

/// <summary>Reads the parameters of variants, through HTTP.</summary>
public sealed class VariantQueryTests(VariantQueryTests.Shop shop) : IClassFixture<VariantQueryTests.Shop>
{
    private const string Sides = "must be one of 64, 128, 256, 512, 1024, 2048";

    private GenApiApp App => shop.App;

    [Theory]
    [InlineData("width=64", "image/png", 64, 48)]
    [InlineData("height=64", "image/png", 85, 64)]
    [InlineData("width=128&height=64", "image/png", 85, 64)]
    [InlineData("width=64&fit=inside", "image/png", 64, 48)]
    [InlineData("width=64&height=128&fit=cover", "image/png", 64, 128)]
    [InlineData("width=64&height=64&fit=cover&format=webp", "image/webp", 64, 64)]
    [InlineData("width=2048", "image/png", 256, 192)]
    [InlineData("height=512", "image/png", 256, 192)]
    [InlineData("format=webp", "image/webp", 256, 192)]
    [InlineData("format=jpeg&quality=1", "image/jpeg", 256, 192)]
    [InlineData("format=png", "image/png", 256, 192)]
    [InlineData("width=64&format=avif&quality=100", "image/avif", 64, 48)]
    [InlineData("width=64&format=jpeg&background=FF8800", "image/jpeg", 64, 48)]
    [InlineData("width=64&format=auto", "image/png", 64, 48)]
    [InlineData("width=64&quality=50", "image/png", 64, 48)]
    [InlineData("width=64&background=000000", "image/png", 64, 48)]
    [InlineData("download&width=64", "image/png", 64, 48)]
    [InlineData("widt%68=6%34", "image/png", 64, 48)]
    public async Task A_variant_has_the_size_and_format_that_was_asked_for(string query, string type, int width, int height)
    {
        var variant = await App.GetAsync($"{shop.Picture}?{query}");

        Assert.True(variant.Status == 200, variant.Text);
        Assert.Equal((type, (width, height)), (variant.Header("Content-Type"), VariantHelp.SizeOf(variant)));
        var extension = type == "image/jpeg" ? "jpg" : type[6..];
        Assert.Equal(
            $"{(query.StartsWith("download", StringComparison.Ordinal) ? "attachment" : "inline")}; filename=\"a-red-fox-1.{extension}\"",
            variant.Header("Content-Disposition"));
    }

    [Theory]
    [InlineData("width=300", "width", $"'width' {Sides}; it is \"300\".")]
    [InlineData("height=1", "height", $"'height' {Sides}; it is \"1\".")]
    [InlineData("width=", "width", $"'width' {Sides}; it is \"\".")]
    [InlineData("width=-64", "width", $"'width' {Sides}; it is \"-64\".")]
    [InlineData("width=99999999999", "width", $"'width' {Sides}; it is \"99999999999\".")]
    [InlineData("width=64&width=64", "width", "'width' is given more than once.")]
    [InlineData("format=jpg", "format", "'format' must be one of auto, webp, avif, jpeg, png; it is \"jpg\".")]
    [InlineData("format=WEBP", "format", "'format' must be one of auto, webp, avif, jpeg, png; it is \"WEBP\".")]
    [InlineData("width=64&fit=fill", "fit", "'fit' must be one of inside, cover; it is \"fill\".")]
    [InlineData("width=64&fit=cover", "fit", "'fit' cover needs 'width' and 'height'.")]
    [InlineData("fit=inside&format=webp", "fit", "'fit' needs 'width' or 'height'.")]
    [InlineData("format=webp&quality=0", "quality", "'quality' must be a whole number from 1 to 100; it is \"0\".")]
    [InlineData("format=webp&quality=101", "quality", "'quality' must be a whole number from 1 to 100; it is \"101\".")]
    [InlineData("format=webp&quality=80.5", "quality", "'quality' must be a whole number from 1 to 100; it is \"80.5\".")]
    [InlineData("quality=50", "quality", "'quality' needs 'width', 'height' or 'format'.")]
    [InlineData("format=png&quality=50", "quality",
        "'quality' has no effect on png, which is lossless. Allowed with webp, avif, jpeg and auto.")]
    [InlineData("format=jpeg&background=white", "background",
        "'background' must be six hexadecimal digits, such as ffffff; it is \"white\".")]
    [InlineData("format=webp&background=ffffff", "background",
        "'background' is for jpeg, the format without transparency. Allowed with jpeg and auto.")]
    [InlineData("background=ffffff", "background", "'background' needs 'width', 'height' or 'format'.")]
    [InlineData("metadata=all", "metadata",
        "'metadata' must be 'embedded'; it is \"all\". Leave it out to get the image without settings.")]
    [InlineData("metadata=embedded&metadata=embedded", "metadata", "'metadata' is given more than once.")]
    [InlineData("widht=64", "widht", "'widht' is not known here. Did you mean 'width'?")]
    [InlineData("Width=64", "Width", "'Width' is not known here. Did you mean 'width'?")]
    [InlineData("formt=webp", "formt", "'formt' is not known here. Did you mean 'format'?")]
    [InlineData("width=64&size=3", "size",
        "'size' is not known here. Allowed: width, height, fit, format, quality, background, metadata.")]
    [InlineData("download&amp;width=64", "amp;width",
        "'amp;width' is not known here. The query is escaped for HTML: replace each &amp; by &.")]
    public async Task A_parameter_that_is_not_allowed_is_named_with_what_is(string query, string name, string sentence)
    {
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            var refused = await App.SendAsync(method, $"{shop.Picture}?{query}", null);

            Assert.Equal(400, refused.Status);
            if (method == HttpMethod.Head)
                continue;
            Assert.Equal("invalid_request", refused.Code);
            Assert.Equal(sentence, refused["errors", name][0].GetString());
        }
    }

    [Fact]
    public async Task All_errors_of_a_query_come_at_once()
    {
        var refused = await App.GetAsync($"{shop.Picture}?width=1&height=2&format=gif&quality=x&fit=y&colour=z");

        Assert.Equal(
            ["colour", "fit", "format", "height", "quality", "width"],
            refused["errors"].EnumerateObject().Select(each => each.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>Links with foreign parameters have always worked.</summary>
    [Theory]
    [InlineData("v=2")]
    [InlineData("utm_source=mail&download")]
    [InlineData("w=64")]
    [InlineData("amp;x=1")]
    public async Task Without_a_parameter_of_variants_other_names_are_ignored(string query)
    {
        var original = await App.GetAsync(shop.Picture);

        var same = await App.GetAsync($"{shop.Picture}?{query}");

        Assert.Equal((200, original.Header("ETag")), (same.Status, same.Header("ETag")));
        Assert.Equal(original.Body, same.Body);
    }

    [Theory]
    [InlineData("width=64", 400)]
    [InlineData("format=auto", 400)]
    [InlineData("metadata=embedded", 400)]
    [InlineData("widht=64", 200)]
    [InlineData("v=2", 200)]
    public async Task A_file_that_is_no_image_has_no_variants(string query, int status)
    {
        var made = await App.GenerateAsync(new { prompt = "a fox", model = "sandbox/clip", seed = 1, width = 64, height = 64 });
        var path = new Uri(made["files"][0].GetProperty("url").GetString()!).AbsolutePath;

        var answer = await App.GetAsync($"{path}?{query}");

        Assert.Equal(status, answer.Status);
        if (status == 400)
        {
            var name = query.Split('=')[0];
            Assert.Equal($"'{name}' is for images; a file is served as it is.", answer["errors", name][0].GetString());
        }
    }

    [Fact]
    public async Task Equal_requests_share_one_variant_however_they_are_written()
    {
        var path = await App.PictureAsync(7) is var made ? made.Path() : "";
        var before = await VariantHelp.RowsAsync(App);
        string[] queries =
        [
            "width=64&format=webp", "format=webp&width=64", "width=64&format=webp&quality=80", "width=64&height=256&format=webp",
            "width=64&fit=inside&format=webp&download", "width=64&format=webp&height=512",
        ];

        var tags = new HashSet<string?>();
        foreach (var query in queries)
            tags.Add((await App.GetAsync($"{path}?{query}")).Header("ETag"));

        Assert.Single(tags);
        Assert.Equal(before + 1, await VariantHelp.RowsAsync(App));
    }

    [Theory]
    [InlineData("Images:Widths", "64,x", "'x' is not a whole number from 1 to 16383.")]
    [InlineData("Images:Widths", "", "'' is not a whole number from 1 to 16383.")]
    [InlineData("Images:Background", "#ffffff", "'#ffffff' is not a color. Allowed: six hexadecimal digits, such as ffffff.")]
    public async Task A_setting_that_makes_no_sense_ends_the_start(string key, string value, string sentence)
    {
        var failure = await Assert.ThrowsAsync<Core.Errors.SettingException>(() => ImagesHost.StartAsync((key, value)));

        Assert.Equal($"{key}: {sentence}", failure.Message);
    }

    [Fact]
    public async Task The_operator_chooses_the_sizes()
    {
        await using var host = await ImagesHost.StartAsync(("Images:Widths", "100, 50"));
        var image = await host.StoreAsync(Pictures.Png(200, 100));

        using var variant = await host.Client.GetAsync($"{ImagesHost.UrlOf(image)}?width=50", TestContext.Current.CancellationToken);
        using var refused = await host.Client.GetAsync($"{ImagesHost.UrlOf(image)}?width=64", TestContext.Current.CancellationToken);

        Assert.Equal((200, 400), ((int)variant.StatusCode, (int)refused.StatusCode));
    }

    /// <summary>A service with one picture.</summary>
    public sealed class Shop : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        internal string Picture { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            App = await GenApiApp.StartAsync();
            Picture = (await App.PictureAsync(1)).Path();
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
