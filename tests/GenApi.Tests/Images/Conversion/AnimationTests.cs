using GenApi.Core.Images.Conversion;
using NetVips;
using static GenApi.Tests.Images.Conversion.Samples;

namespace GenApi.Tests.Images.Conversion;

/// <summary>An animation stays one in WebP; elsewhere its first frame remains.</summary>
public sealed class AnimationTests
{
    [Theory]
    [InlineData(".webp", VariantFit.Inside, 32, 32, 32, 24)]
    [InlineData(".webp", VariantFit.Cover, 24, 24, 24, 24)]
    [InlineData(".webp", VariantFit.Cover, 16, 30, 16, 30)]
    [InlineData(".webp", VariantFit.Inside, null, null, 64, 48)]
    [InlineData(".gif", VariantFit.Inside, 32, 32, 32, 24)]
    [InlineData(".gif", VariantFit.Cover, 24, 24, 24, 24)]
    public async Task All_frames_and_their_times_survive(
        string extension, VariantFit fit, int? width, int? height, int frameWidth, int frameHeight)
    {
        var converted = await ConvertAsync(Animation(extension, 64, 48), To(VariantFormat.Webp, width, height, fit));

        Assert.Equal((frameWidth, frameHeight), (converted.Width, converted.Height));
        using var result = Image.NewFromBuffer(converted.Bytes, "n=-1");
        Assert.Equal((frameWidth, frameHeight, 4), (result.Width, result.PageHeight, result.Height / result.PageHeight));
        Assert.Equal(Delays, (int[])result.Get("delay"));
        Assert.Equal(3, result.Get("loop"));
        foreach (var (color, each) in new[] { Red, Green, Blue, [255d, 255, 0] }.Select((color, each) => (color, each)))
            Near(color, result.Getpoint(frameWidth / 2, each * frameHeight + frameHeight / 2)[..3], 12);
    }

    [Fact]
    public async Task The_frames_of_a_turned_animation_are_turned_one_by_one()
    {
        var converted = await ConvertAsync(Animation(".webp", 64, 48, orientation: 6), To(VariantFormat.Webp, 24));

        using var result = Image.NewFromBuffer(converted.Bytes, "n=-1");
        Assert.Equal((24, 32, 4), (result.Width, result.PageHeight, result.Height / result.PageHeight));
        for (var each = 0; each < 4; each++)
            Near([255, 255, 255], result.Getpoint(12, each * 32)[..3], 12);
        Near(Green, result.Getpoint(12, 32 + 16)[..3], 12);
    }

    [Theory]
    [InlineData(VariantFormat.Jpeg)]
    [InlineData(VariantFormat.Png)]
    [InlineData(VariantFormat.Avif)]
    public async Task Elsewhere_the_first_frame_remains(VariantFormat format)
    {
        foreach (var extension in new[] { ".webp", ".gif" })
        {
            var converted = await ConvertAsync(Animation(extension, 64, 48), To(format, 32));

            using var result = Image.NewFromBuffer(converted.Bytes);
            Assert.Equal((32, 24, 32, 24), (result.Width, result.Height, converted.Width, converted.Height));
            Assert.False(result.Contains("n-pages") && (int)result.Get("n-pages") > 1);
            Near(Red, result.Getpoint(16, 12)[..3], 12);
        }
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    [InlineData("avif")]
    [InlineData("webp lossy")]
    [InlineData("gif")]
    public async Task A_single_image_is_no_animation(string format)
    {
        var converted = await ConvertAsync(Pictures.Of(format, 100, 80), To(VariantFormat.Webp, 64));

        using var result = Image.NewFromBuffer(converted.Bytes, "n=-1");
        Assert.Equal((64, 51), (result.Width, result.Height));
        Assert.False(result.Contains("delay"));
    }
}
