using GenApi.Tests.Accounts;
using static GenApi.Tests.Doors.Replicate.ReplicateCalls;

namespace GenApi.Tests.Doors.Replicate;

/// <summary>Over plain http, clients that make file objects get small outputs as data URIs.</summary>
public sealed class InlineOutputTests(InlineOutputTests.House house) : IClassFixture<InlineOutputTests.House>
{
    [Theory]
    [InlineData("replicate-javascript/1.4.0", true)]
    [InlineData("replicate-python/1.0.7", true)]
    [InlineData("my-app/2.0 replicate-javascript/1.4.0", true)]
    [InlineData("replicate-python/2.0.0", true)]
    [InlineData("replicate-javascript/0.34.1", false)]
    [InlineData("replicate-python/0.25.1", false)]
    [InlineData("@ai-sdk/replicate/3.0.46", false)]
    [InlineData("node", false)]
    public async Task An_output_is_inline_for_clients_of_version_1_and_later(string client, bool isInline)
    {
        var app = house.App;
        var link = (await app.PredictAsync(1, Wait))["output"][0].Text();
        var bytes = (await app.GetAsync(app.PathOf(link))).Body;

        var made = await app.PredictAsync(1, ("User-Agent", client));
        var read = await app.PredictionAsync(made.Id, ("User-Agent", client));

        var expected = isInline ? $"data:image/png;base64,{Convert.ToBase64String(bytes)}" : link;
        Assert.Equal([expected, expected], [made["output"][0].Text(), read["output"][0].Text()]);
        Assert.Equal(read.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), read.Header("Content-Length"));
        // A list of a hundred pictures is not small.
        var listed = await app.GetAsync(Predictions, ("User-Agent", client));
        var row = listed["results"].EnumerateArray().First(each => each.GetProperty("id").Text() == made.Id);
        Assert.Equal(link, row.GetProperty("output")[0].Text());
    }

    [Fact]
    public async Task A_single_file_and_files_in_an_object_are_inline_too()
    {
        var app = house.App;
        var video = await app.RunAsync("sandbox/video", new { prompt = "a fox", seed = 1 }, JavaScript);
        Assert.StartsWith("data:video/mp4;base64,", video["output"].Text(), StringComparison.Ordinal);
        var clip = await app.RunAsync("sandbox/clip", new { prompt = "a fox", seed = 1 }, JavaScript);
        Assert.StartsWith("data:image/png;base64,", clip["output", "image"].Text(), StringComparison.Ordinal);
        Assert.StartsWith("data:video/mp4;base64,", clip["output", "video"].Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("200")]
    public async Task Larger_outputs_are_links_and_the_operator_decides_what_is_large(string most)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Doors:Replicate:InlineBytes"] = most });
        var made = await app.PredictAsync(1, [Wait, JavaScript]);

        Assert.StartsWith($"{app.Address}images/img_", made["output"][0].Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_https_the_output_is_a_link_on_the_callers_own_address()
    {
        await using var app = await Keys.StartAsync(new() { ["Hosting:KnownProxies:0"] = "127.0.0.1" });
        (string, string)[] proxy =
            [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "pictures.example"), ("X-Forwarded-For", "10.1.2.3")];
        var shop = Keys.Of((await app.MakeAsync("shop")).Secret);
        var made = await app.PredictAsync(1, [Wait, JavaScript, shop, .. proxy]);

        Assert.True(made.Status == 201, made.Text);
        Assert.StartsWith("https://pictures.example/images/img_", made["output"][0].Text(), StringComparison.Ordinal);
        Assert.StartsWith("https://pictures.example/replicate/v1/predictions/", made.Url("get"), StringComparison.Ordinal);
    }

    public sealed class House : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync() => App = await GenApiApp.StartAsync();

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
