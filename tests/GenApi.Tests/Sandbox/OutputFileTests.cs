using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using GenApi.Sandbox.Painting;
using NetVips;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

public sealed class OutputFileTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_prompt_seed_and_size_give_the_same_bytes_everywhere()
    {
        await using var one = await AtFullSpeedAsync();
        await using var other = await AtFullSpeedAsync(o => o.PictureCacheBytes = 0);
        var bytes = await BytesAsync(one, SmallPicture());
        Assert.Equal(bytes, await BytesAsync(other, SmallPicture()));
        Assert.NotEqual(bytes, await BytesAsync(one, SmallPicture(seed: 43)));
        Assert.NotEqual(bytes, await BytesAsync(one, SmallPicture("a quiet pond")));
    }

    [Theory]
    [InlineData(null, """{"width":64,"height":64}""", 64, 64, "png")]
    [InlineData(null, """{"width":8,"height":520}""", 8, 520, "png")]
    [InlineData("black-forest-labs/flux-schnell", """{"aspect_ratio":"16:9","megapixels":"0.25"}""", 672, 384, "webp")]
    [InlineData("black-forest-labs/flux-schnell", """{"aspect_ratio":"9:21","output_format":"jpg"}""", 640, 1536, "jpg")]
    [InlineData(
        "black-forest-labs/flux-1.1-pro", """{"aspect_ratio":"custom","width":300,"height":256,"output_format":"png"}""", 288, 256, "png")]
    [InlineData("recraft-ai/recraft-v3", """{"size":"1365x1024"}""", 1365, 1024, "webp")]
    [InlineData("ideogram-ai/ideogram-v2", """{"resolution":"512x1536","aspect_ratio":"1:1"}""", 512, 1536, "png")]
    public async Task Size_and_format_are_as_asked(string? model, string input, int width, int height, string extension)
    {
        await using var sandbox = await AtFullSpeedAsync();
        var asked = JsonNode.Parse(input)!.AsObject();
        asked["prompt"] = "a lighthouse by the sea";
        var ended = await sandbox.RunAsync(asked, model);
        var output = ended.GetProperty("output");
        var file = output.ValueKind == System.Text.Json.JsonValueKind.Array ? output[0].GetString()! : output.GetString()!;
        Assert.EndsWith($"/out-0.{extension}", file, StringComparison.Ordinal);
        using var response = await sandbox.Http.GetAsync(file, Ct);
        Assert.Equal(extension == "jpg" ? "image/jpeg" : $"image/{extension}", response.Content.Headers.ContentType!.ToString());
        using var image = Image.NewFromBuffer(await response.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal((width, height), (image.Width, image.Height));
        Assert.StartsWith(extension == "jpg" ? "jpeg" : extension, (string)image.Get("vips-loader"), StringComparison.Ordinal);
    }

    /// <summary>Cutting such a prompt letter by letter would make a gigabyte of texts, each measured from its beginning.</summary>
    [Theory]
    [InlineData('\u0301')]
    [InlineData('a')]
    [InlineData(' ')]
    public void A_prompt_of_one_word_costs_no_more_than_a_line(char letter)
    {
        var prompt = "e" + new string(letter, 32_000) + "e";
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.NotEmpty(Painter.Paint(new Picture("sdxl", prompt, 1, 256, 256, PictureFormat.Png, 80)));

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 4_000_000, $"{allocated} bytes");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(6.8f, 1)]
    [InlineData(9.8f, 2)]
    [InlineData(1_000, 8)]
    public void Letters_are_counted_up_to_a_width(float width, int letters) =>
        Assert.Equal(letters, StrokeFont.CountWithin("aaaaaaaa", width));

    [Fact]
    public async Task Several_outputs_are_several_pictures()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var input = SmallPicture();
        input["num_outputs"] = 4;
        var ended = await sandbox.RunAsync(input);
        var pictures = new List<byte[]>();
        foreach (var file in ended.GetProperty("output").EnumerateArray())
            pictures.Add(await sandbox.Http.GetByteArrayAsync(file.GetString(), Ct));
        Assert.Equal(4, pictures.Select(Convert.ToBase64String).Distinct().Count());
    }

    [Fact]
    public async Task A_size_the_model_cannot_paint_fails_the_run()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var ended = await sandbox.RunAsync(new JsonObject { ["width"] = 1023 });
        Assert.Equal("failed", Status(ended));
        Assert.Contains("divisible by 8", ended.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_carry_the_headers_of_the_delivery_host_and_need_no_token()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var file = FirstFile(await sandbox.RunAsync());
        sandbox.Http.DefaultRequestHeaders.Authorization = null;
        using var whole = await sandbox.Http.GetAsync(file, Ct);
        Assert.Equal("public, max-age=3600", whole.Headers.CacheControl!.ToString());
        Assert.Equal("bytes", whole.Headers.AcceptRanges.Single());
        Assert.NotNull(whole.Headers.ETag);
        Assert.NotNull(whole.Content.Headers.ContentLength);

        using var part = new HttpRequestMessage(HttpMethod.Get, file) { Headers = { Range = new RangeHeaderValue(1, 3) } };
        using var partial = await sandbox.Http.SendAsync(part, Ct);
        Assert.Equal(206, (int)partial.StatusCode);
        Assert.Equal("PNG"u8.ToArray(), await partial.Content.ReadAsByteArrayAsync(Ct));

        using var again = new HttpRequestMessage(HttpMethod.Get, file) { Headers = { IfNoneMatch = { whole.Headers.ETag } } };
        using var unchanged = await sandbox.Http.SendAsync(again, Ct);
        Assert.Equal(304, (int)unchanged.StatusCode);
        Assert.Equal(3, sandbox.Server.Stats.Downloads);
        Assert.All(sandbox.Server.Stats.DownloadRequests, d => Assert.False(d.Headers.ContainsKey("authorization")));
    }

    private static async Task<byte[]> BytesAsync(SandboxDriver sandbox, JsonObject input) =>
        await sandbox.Http.GetByteArrayAsync(FirstFile(await sandbox.RunAsync(input)), Ct);
}
