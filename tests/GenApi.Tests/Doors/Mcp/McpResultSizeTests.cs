using System.Text;
using GenApi.Tests.Images.Variants;
using ModelContextProtocol.Protocol;
using NetVips;

namespace GenApi.Tests.Doors.Mcp;

/// <summary>The size of results: clients refuse more than a megabyte and count structured content as text.</summary>
public sealed class McpResultSizeTests
{
    private const int Most = 1_000_000, MostBase64 = 700_000;

    [Fact]
    public async Task Four_4K_pictures_of_noise_fit_into_a_megabyte()
    {
        await using var app = await GenApiApp.StartAsync();
        var id = await MadeAsync(app, Noise(4096, 4), 4);

        var (_, body, _) = await app.RpcAsync("tools/call", new { name = "get_generation", arguments = new { generation_id = id } });
        await using var client = await app.McpAsync();
        var result = await client.ToolAsync("get_generation", new { generation_id = id });

        Assert.InRange(body.Length, 1, Most);
        var previews = result.Content.OfType<ImageContentBlock>().ToList();
        Assert.Equal(5, previews.Count);
        Assert.InRange(previews.Sum(preview => preview.Data.Length), 1, MostBase64);
        foreach (var preview in previews)
        {
            using var picture = Image.NewFromBuffer(preview.DecodedData.ToArray());
            Assert.InRange(Math.Max(picture.Width, picture.Height), 1, 1024);
        }
        Assert.Equal(5, result.Content.OfType<ResourceLinkBlock>().Count());
        Assert.Equal(5, result.ImageIds().Length);
        Assert.InRange(Encoding.UTF8.GetByteCount(result.Structured().GetRawText()), 1, 2_000);
    }

    [Fact]
    public async Task A_generation_of_sixty_pictures_has_ten_previews_and_fifty_links()
    {
        await using var app = await GenApiApp.StartAsync();
        var id = await MadeAsync(app, Noise(64, 1), 59);

        var (_, body, _) = await app.RpcAsync("tools/call", new { name = "get_generation", arguments = new { generation_id = id } });
        await using var client = await app.McpAsync();
        var result = await client.ToolAsync("get_generation", new { generation_id = id });

        Assert.InRange(body.Length, 1, Most);
        Assert.Equal(10, result.Content.OfType<ImageContentBlock>().Count());
        Assert.Equal(50, result.Content.OfType<ResourceLinkBlock>().Count());
        Assert.Contains("\n10 more: GET ", result.Content.OfType<TextContentBlock>().Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_without_a_preview_keeps_its_link_and_the_others_their_previews()
    {
        await using var app = await GenApiApp.StartAsync();
        var id = await MadeAsync(app, VariantHelp.Undecodable(1_100), 1);
        await using var client = await app.McpAsync();

        var result = await client.ToolAsync("get_generation", new { generation_id = id });

        Assert.NotEqual(true, result.IsError);
        Assert.Single(result.Content.OfType<ImageContentBlock>());
        Assert.Equal(2, result.Content.OfType<ResourceLinkBlock>().Count());
        Assert.Contains("\n  No preview: ", result.Content.OfType<TextContentBlock>().Last().Text, StringComparison.Ordinal);
        var read = await app.RpcAsync("resources/read", new { uri = $"genapi://images/{result.ImageIds()[1]}" });
        Assert.True(read.Message.TryGetProperty("error", out var error), read.Message.GetRawText());
        Assert.NotEqual(-32603, error.GetProperty("code").GetInt32());
    }

    /// <summary>Makes a generation and adds pictures to it.</summary>
    private static async Task<string> MadeAsync(GenApiApp app, byte[] picture, int count)
    {
        var made = await app.PictureAsync(1);
        for (var index = 1; index <= count; index++)
            await VariantHelp.StoreAsync(app, made, picture, index);
        // What was read before is in memory.
        await app.RestartAsync();
        return made.Id;
    }

    /// <summary>A square of coloured noise in blocks, so that a smaller copy is noise too: nothing compresses worse.</summary>
    private static byte[] Noise(int side, int block)
    {
        using var red = Image.Gaussnoise(side / block, side / block, sigma: 80, mean: 128, seed: 1);
        using var green = Image.Gaussnoise(side / block, side / block, sigma: 80, mean: 128, seed: 2);
        using var blue = Image.Gaussnoise(side / block, side / block, sigma: 80, mean: 128, seed: 3);
        using var joined = red.Bandjoin(green, blue);
        using var bytes = joined.Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        using var large = bytes.Zoom(block, block);
        return large.JpegsaveBuffer(q: 90);
    }
}
