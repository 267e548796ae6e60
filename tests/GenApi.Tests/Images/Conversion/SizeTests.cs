using GenApi.Core.Images.Conversion;
using static GenApi.Tests.Images.Conversion.Samples;

namespace GenApi.Tests.Images.Conversion;

/// <summary>How large a result is, and which part of its original it shows.</summary>
public sealed class SizeTests
{
    [Theory]
    [InlineData(100, null, 100, 50)]
    [InlineData(null, 30, 60, 30)]
    [InlineData(100, 30, 60, 30)]
    [InlineData(100, 100, 100, 50)]
    [InlineData(null, null, 400, 200)]
    [InlineData(2048, null, 400, 200)]
    [InlineData(1, 1, 1, 1)]
    public async Task Inside_shows_everything_and_enlarges_nothing(int? width, int? height, int resultWidth, int resultHeight)
    {
        using var halves = Halves(400, 200);

        var converted = await ConvertAsync(halves.PngsaveBuffer(), To(VariantFormat.Png, width, height));

        Assert.Equal((resultWidth, resultHeight), (converted.Width, converted.Height));
        Assert.Equal((resultWidth, resultHeight), SizeOf(converted));
    }

    [Theory]
    [InlineData(100, 100, 100, 100)]
    [InlineData(64, 128, 64, 128)]
    [InlineData(128, 16, 128, 16)]
    [InlineData(512, 512, 200, 200)]
    [InlineData(2048, 512, 400, 100)]
    public async Task Cover_keeps_the_proportions_and_the_middle(int width, int height, int resultWidth, int resultHeight)
    {
        using var halves = Halves(400, 200);

        var converted = await ConvertAsync(halves.PngsaveBuffer(), To(VariantFormat.Png, width, height, VariantFit.Cover));

        Assert.Equal((resultWidth, resultHeight), SizeOf(converted));
        Near(Red, Pixel(converted, 1, resultHeight / 2), 3);
        Near(Blue, Pixel(converted, resultWidth - 2, resultHeight / 2), 3);
    }

    [Fact]
    public async Task Cover_with_one_side_is_inside()
    {
        using var halves = Halves(400, 200);

        Assert.Equal((100, 50), SizeOf(await ConvertAsync(halves.PngsaveBuffer(), To(VariantFormat.Png, 100, null, VariantFit.Cover))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task A_thin_image_has_a_pixel_at_least(int thickness)
    {
        using var thin = Solid(2000, thickness, Red);

        Assert.Equal((64, 1), SizeOf(await ConvertAsync(thin.PngsaveBuffer(), To(VariantFormat.Webp, 64))));
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    [InlineData(".webp")]
    [InlineData(".tif")]
    public async Task The_orientation_is_applied(string extension)
    {
        var original = Turned(extension, 80, 40, 6);

        var inside = await ConvertAsync(original, To(VariantFormat.Png, 20));
        var cover = await ConvertAsync(original, To(VariantFormat.Png, 20, 20, VariantFit.Cover));

        Assert.Equal((20, 40), SizeOf(inside));
        Near(Red, Pixel(inside, 10, 2), 8);
        Near(Blue, Pixel(inside, 10, 37), 8);
        Assert.Equal((20, 20), SizeOf(cover));
        Near(Red, Pixel(cover, 10, 1), 8);
        Near(Blue, Pixel(cover, 10, 18), 8);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(1, true)]
    public async Task A_mirrored_image_is_mirrored_back(int orientation, bool redIsLeft)
    {
        var converted = await ConvertAsync(Turned(".jpg", 80, 40, orientation), To(VariantFormat.Png, 40));

        Near(redIsLeft ? Red : Blue, Pixel(converted, 2, 10), 8);
    }

    private static (int, int) SizeOf(ConvertedImage converted)
    {
        using var image = NetVips.Image.NewFromBuffer(converted.Bytes);
        return (image.Width, image.Height);
    }
}
