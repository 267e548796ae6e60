using System.Text.Json.Nodes;
using NetVips;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

/// <summary>The models whose pictures are harder to convert than others.</summary>
public sealed class SpecialPictureTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_animation_has_four_frames_that_differ()
    {
        var (bytes, type) = await OutputAsync("sandbox/animation");

        Assert.Equal("image/webp", type);
        using var strip = Image.NewFromBuffer(bytes, "n=-1");
        Assert.Equal((64, 48, 4), (strip.Width, strip.PageHeight, strip.Height / strip.PageHeight));
        Assert.Equal([120, 120, 120, 240], (int[])strip.Get("delay"));
        using var first = strip.ExtractArea(0, 0, 64, 48);
        using var last = strip.ExtractArea(0, 3 * 48, 64, 48);
        Assert.True(first.Subtract(last).Abs().Avg() > 1);
        Assert.Equal(bytes, (await OutputAsync("sandbox/animation")).Bytes);
    }

    [Fact]
    public async Task A_wide_picture_has_sixteen_bits_and_its_profile()
    {
        var (bytes, type) = await OutputAsync("sandbox/wide");

        Assert.Equal("image/png", type);
        using var image = Image.NewFromBuffer(bytes);
        Assert.Equal((64, 48, Enums.BandFormat.Ushort), (image.Width, image.Height, image.Format));
        Assert.True(image.Contains("icc-profile-data"));
    }

    [Fact]
    public async Task A_drawing_is_svg()
    {
        var (bytes, type) = await OutputAsync("sandbox/drawing");

        Assert.Equal("image/svg+xml", type);
        Assert.Contains("<svg", System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    private static async Task<(byte[] Bytes, string? Type)> OutputAsync(string model)
    {
        await using var sandbox = await AtFullSpeedAsync();
        var ended = await sandbox.RunAsync(
            new JsonObject { ["prompt"] = "a red fox", ["width"] = 64, ["height"] = 48, ["seed"] = 5 }, model);
        using var response = await sandbox.Http.GetAsync(ended.GetProperty("output").GetString(), Ct);
        return (await response.Content.ReadAsByteArrayAsync(Ct), response.Content.Headers.ContentType?.ToString());
    }
}
