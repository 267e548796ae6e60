using System.Security.Cryptography;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Uploads;

namespace GenApi.Tests.Generations;

/// <summary>
/// Tests outputs that are not only images. Every file is stored at once as what it is, and only images count as images.
/// </summary>
public sealed class MixedOutputTests
{
    private const string Hit = "GenApi; hit";

    private static readonly Dictionary<string, string?> Prices = new()
    {
        ["Models:Prices:sandbox/clip:PerImage"] = "0.03",
        ["Models:Prices:sandbox/video:PerImage"] = "0.03",
        ["Models:Prices:sandbox/words:PerRun"] = "0.001",
        ["Models:Prices:sandbox/formats:PerImage"] = "0.01",
        ["Models:Prices:sandbox/mesh:PerMegapixel"] = "1",
    };

    [Fact]
    public async Task A_picture_and_a_video_are_kept_at_once_for_the_price_of_one_picture_and_made_once()
    {
        await using var app = await GenApiApp.StartAsync(Prices);

        var made = await app.GenerateAsync(Of("clip"));

        Assert.Equal((200, "succeeded"), (made.Status, made.State));
        Assert.InRange(made["timing", "storing_seconds"].GetDouble(), 0, 1);
        var (image, file) = (made["images"].EnumerateArray().Single(), made["files"].EnumerateArray().Single());
        Assert.Equal(
            ("image/png", 0, "image", 64),
            (Text(image, "content_type"), image.GetProperty("index").GetInt32(), Text(image, "name"),
                image.GetProperty("width").GetInt32()));
        Assert.Equal(
            ("video/mp4", "video", 1, "video"),
            (Text(file, "content_type"), Text(file, "kind"), file.GetProperty("index").GetInt32(), Text(file, "name")));
        Assert.Equal(
            (320, 180, 2.5),
            (file.GetProperty("width").GetInt32(), file.GetProperty("height").GetInt32(), file.GetProperty("duration").GetDouble()));
        Assert.Equal($$"""{"image":"{{Text(image, "id")}}","video":"{{Text(file, "id")}}"}""", made["output"].GetRawText());
        Assert.Equal("0.03", made["cost", "usd"].GetString());
        for (var round = 0; round < 5; round++)
            Assert.Equal(Hit, (await app.GenerateAsync(Of("clip"))).Header("Cache-Status"));
        await app.RestartAsync();
        var again = await app.GenerateAsync(Of("clip"));
        Assert.Equal((Hit, made.Id), (again.Header("Cache-Status"), again.Id));
        Assert.Equal(made["output"].GetRawText(), again["output"].GetRawText());
        Assert.Equal(Text(file, "sha256"), Text(again["files"][0], "sha256"));
        Assert.Equal(2.5, again["files"][0].GetProperty("duration").GetDouble());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Equal(2, app.Sandbox.Stats.Downloads);
        var usage = await app.GetAsync("/usage?group_by=model");
        Assert.Equal(1, usage["data"][0].GetProperty("images").GetInt32());
    }

    [Theory]
    [InlineData("mesh", "images[0] image/png 2", "model_file model/gltf-binary model 0|color_video video/mp4 video 1")]
    [InlineData("detect", "- image/png 0", "- application/json data 1")]
    [InlineData("video", "", "- video/mp4 video 0")]
    [InlineData("sound", "", "- audio/wav audio 0")]
    [InlineData("files", "", "- video/webm video 0|- model/gltf-binary model 1|- application/zip archive 2|- audio/wav audio 3|"
        + "- application/pdf document 4|- text/html document 5|"
        + "- text/plain text 6|- application/octet-stream data 7")]
    [InlineData("formats", "- image/jxl 0|- image/jp2 1|- image/tiff 2|- image/vnd.microsoft.icon 3|- image/svg+xml 4", "")]
    public async Task Every_file_is_kept_as_what_it_is(string model, string images, string files)
    {
        await using var app = await GenApiApp.StartAsync(Prices);

        var made = await app.GenerateAsync(Of(model));

        Assert.Equal((200, "succeeded"), (made.Status, made.State));
        Assert.Equal(images, string.Join('|', made["images"].EnumerateArray().Select(
            each => $"{Text(each, "name") ?? "-"} {Text(each, "content_type")} {each.GetProperty("index")}")));
        Assert.Equal(files, string.Join('|', made["files"].EnumerateArray().Select(
            each => $"{Text(each, "name") ?? "-"} {Text(each, "content_type")} {Text(each, "kind")} {each.GetProperty("index")}")));
        foreach (var each in made["images"].EnumerateArray().Concat(made["files"].EnumerateArray()))
        {
            var bytes = await app.GetAsync(new Uri(Text(each, "url")!).PathAndQuery);
            Assert.Equal((200, Text(each, "sha256")), (bytes.Status, Convert.ToHexStringLower(SHA256.HashData(bytes.Body))));
            Assert.Equal("nosniff", bytes.Header("X-Content-Type-Options"));
            Assert.Equal(each.GetProperty("bytes").GetInt64(), bytes.Body.Length);
        }
        Assert.Equal(JsonValueKind.Null, made["error"].ValueKind);
        Assert.Equal(Hit, (await app.GenerateAsync(Of(model))).Header("Cache-Status"));
        Assert.Equal(model == "mesh", made["output"].ValueKind == JsonValueKind.Object);
    }

    [Theory]
    [InlineData("video", "0")]
    [InlineData("words", "0.001")]
    [InlineData("formats", "0.05")]
    [InlineData("mesh", "0.003906")]
    public async Task Only_pictures_are_billed_as_pictures(string model, string usd)
    {
        await using var app = await GenApiApp.StartAsync(Prices);

        Assert.Equal(usd, (await app.GenerateAsync(Of(model)))["cost", "usd"].GetString());
    }

    [Fact]
    public async Task Text_alone_is_an_answer()
    {
        await using var app = await GenApiApp.StartAsync(Prices);

        var made = await app.GenerateAsync(Of("words"));

        Assert.Equal((200, "succeeded", 0, 0), (made.Status, made.State, made["images"].GetArrayLength(), made["files"].GetArrayLength()));
        Assert.Equal("""["A ","lighthouse ","above a quiet sea"]""", made["output"].GetRawText());
        Assert.Equal(Hit, (await app.GenerateAsync(Of("words"))).Header("Cache-Status"));
        await app.RestartAsync();
        Assert.Equal(made["output"].GetRawText(), (await app.GenerateAsync(Of("words")))["output"].GetRawText());
    }

    [Fact]
    public async Task Values_of_any_kind_are_kept()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunStrange);

        var made = await app.GenerateAsync(Requests.Small(1));

        Assert.Equal("""["not a link",42,null,{"note":"no file here"}]""", made["output"].GetRawText());
    }

    [Fact]
    public async Task What_is_no_file_of_the_upstreams_is_a_value()
    {
        await using var app = await GenApiApp.StartAsync();
        var upload = await app.UploadAsync(Images.Pictures.Png(32, 32));

        var made = await app.GenerateAsync(new
        {
            prompt = "a \"quoted\" fox",
            model = "sandbox/facts",
            seed = 1,
            width = 64,
            height = 64,
            input = new { image = upload.Id },
        });

        Assert.Equal("succeeded", made.State);
        Assert.Single(made["images"].EnumerateArray());
        Assert.Empty(made["files"].EnumerateArray());
        Assert.Equal(made["images"][0].GetProperty("id").GetString(), made["output", "image"].GetString());
        Assert.StartsWith(app.Sandbox.BaseUrl.AbsoluteUri, made["output", "source"].GetString(), StringComparison.Ordinal);
        Assert.Equal("a \"quoted\" fox", made["output", "caption"].GetString());
        Assert.Equal("[0.98,2]", made["output", "scores"].GetRawText());
        Assert.Equal("https://example.com/lighthouse", made["output", "more"].GetString());
        Assert.Equal(1, app.Sandbox.Stats.Downloads);
    }

    [Fact]
    public async Task A_video_is_served_in_ranges_and_by_its_own_route_only()
    {
        await using var app = await GenApiApp.StartAsync();
        var file = (await app.GenerateAsync(Of("video")))["files"][0];
        var (path, id) = (new Uri(Text(file, "url")!).PathAndQuery, Text(file, "id")!);
        var whole = await app.GetAsync(path);

        var part = await app.GetAsync(path, ("Range", "bytes=4-7"));

        Assert.Equal((206, "ftyp", $"bytes 4-7/{whole.Body.Length}"), (part.Status, part.Text, part.Header("Content-Range")));
        // A player reads the headers at the end before it plays from the start.
        var tail = await app.GetAsync(path, ("Range", "bytes=-360"));
        Assert.Equal((206, $"bytes {whole.Body.Length - 360}-{whole.Body.Length - 1}/{whole.Body.Length}"),
            (tail.Status, tail.Header("Content-Range")));
        Assert.Equal(whole.Body[^360..], tail.Body);
        Assert.Equal(("bytes", $"\"{Text(file, "sha256")}\""), (whole.Header("Accept-Ranges"), whole.Header("ETag")));
        Assert.Equal(416, (await app.GetAsync(path, ("Range", "bytes=9999-"))).Status);
        Assert.Equal(304, (await app.GetAsync(path, ("If-None-Match", whole.Header("ETag")!))).Status);
        Assert.StartsWith("inline; filename=\"a-lighthouse-1.mp4\"", whole.Header("Content-Disposition"), StringComparison.Ordinal);
        Assert.Equal(200, (await app.GetAsync($"{path}.mp4")).Status);
        Assert.Equal(404, (await app.GetAsync($"/images/{id.Replace("fil_", "img_", StringComparison.Ordinal)}")).Status);
        Assert.Equal(404, (await app.GetAsync($"/images/{id}")).Status);
        Assert.Equal(id, (await app.GetAsync($"/files/{id}/info"))["file", "id"].GetString());
    }

    [Theory]
    [InlineData("video/webm", "inline")]
    [InlineData("audio/wav", "inline")]
    [InlineData("text/plain", "inline")]
    [InlineData("text/html", "attachment")]
    [InlineData("application/pdf", "attachment")]
    [InlineData("application/zip", "attachment")]
    [InlineData("application/octet-stream", "attachment")]
    public async Task What_a_browser_would_run_is_a_download_under_a_closed_policy(string type, string disposition)
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Of("files"));
        var file = made["files"].EnumerateArray().Single(each => Text(each, "content_type") == type);

        var answer = await app.GetAsync(new Uri(Text(file, "url")!).PathAndQuery);

        Assert.StartsWith($"{disposition}; ", answer.Header("Content-Disposition"), StringComparison.Ordinal);
        Assert.Equal((type, "nosniff"), (answer.Header("Content-Type"), answer.Header("X-Content-Type-Options")));
        Assert.Contains("default-src 'none'", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal(
            disposition == "attachment" || type == "text/plain",
            answer.Header("Content-Security-Policy")!.Contains("sandbox", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cut_video_is_fetched_again_and_the_generation_says_so()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.FileCut) { Count = 1 });

        var made = await app.GenerateAsync(Of("video"));

        Assert.Equal(("succeeded", 1), (made.State, app.Sandbox.Stats.Creations));
        Assert.Equal(2, app.Sandbox.Stats.Downloads);
        Assert.Equal(JsonValueKind.Null, made["error"].ValueKind);
    }

    [Fact]
    public async Task A_deleted_file_leaves_its_generation_which_answers_no_more()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Of("clip"));
        var id = Text(made["files"][0], "id")!;

        Assert.Equal(404, (await app.DeleteAsync($"/images/{id.Replace("fil_", "img_", StringComparison.Ordinal)}")).Status);
        Assert.Equal(204, (await app.DeleteAsync($"/files/{id}")).Status);

        Assert.Equal(404, (await app.GetAsync($"/files/{id}")).Status);
        var left = await app.GetAsync($"/generations/{made.Id}");
        Assert.Empty(left["files"].EnumerateArray());
        Assert.Equal(JsonValueKind.Null, left["output", "video"].ValueKind);
        Assert.Equal("GenApi; fwd=miss; stored", (await app.GenerateAsync(Of("clip"))).Header("Cache-Status"));
    }

    [Fact]
    public async Task The_bytes_of_a_deleted_generation_go_with_it()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Of("video"));
        Assert.Contains(Text(made["files"][0], "sha256")!, await app.Store.NeededBlobsAsync());

        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}")).Status);

        Assert.DoesNotContain(Text(made["files"][0], "sha256")!, await app.Store.NeededBlobsAsync());
        Assert.Equal(404, (await app.GetAsync(new Uri(Text(made["files"][0], "url")!).PathAndQuery)).Status);
    }

    private static object Of(string model) =>
        new { prompt = "a lighthouse", model = $"sandbox/{model}", seed = 1, width = 64, height = 64 };

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
