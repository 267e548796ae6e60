using GenApi.Core.Images.Conversion;
using NetVips;
using static GenApi.Tests.Images.Conversion.Samples;

namespace GenApi.Tests.Images.Conversion;

/// <summary>Colors of a result are those of its original, and need no profile.</summary>
public sealed class ColorTests
{
    [Theory]
    [InlineData(VariantFormat.Png, 2)]
    [InlineData(VariantFormat.Webp, 4)]
    [InlineData(VariantFormat.Jpeg, 4)]
    [InlineData(VariantFormat.Avif, 6)]
    public async Task A_wide_gamut_becomes_srgb(VariantFormat format, int tolerance)
    {
        var original = WideGamut(".png");

        var converted = await ConvertAsync(original, To(format, 64));

        using (var wide = Image.NewFromBuffer(original))
            Near([234, 51, 35], wide.Getpoint(10, 10), 2);
        Near(Red, Pixel(converted, 10, 10), tolerance);
        using var image = Image.NewFromBuffer(converted.Bytes);
        Assert.False(image.Contains("icc-profile-data"));
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".webp")]
    [InlineData(".tif")]
    public async Task Every_format_with_a_profile_becomes_srgb(string extension) =>
        Near(Red, Pixel(await ConvertAsync(WideGamut(extension), To(VariantFormat.Png, 64)), 10, 10), 6);

    [Fact]
    public async Task An_image_that_keeps_its_size_becomes_srgb_too() =>
        Near(Red, Pixel(await ConvertAsync(WideGamut(".png"), To(VariantFormat.Png)), 10, 10), 2);

    [Fact]
    public async Task Sixteen_bits_with_a_wide_gamut_become_eight_bits_of_srgb()
    {
        using var plain = Solid(100, 100, Red);
        using var wide = plain.IccTransform("p3", depth: 16);
        var original = wide.PngsaveBuffer();
        using (var stored = Image.NewFromBuffer(original))
            Assert.Equal(Enums.BandFormat.Ushort, stored.Format);

        var converted = await ConvertAsync(original, To(VariantFormat.Png, 64));

        Near(Red, Pixel(converted, 10, 10), 2);
        using var image = Image.NewFromBuffer(converted.Bytes);
        Assert.Equal(Enums.BandFormat.Uchar, image.Format);
    }

    [Theory]
    [InlineData(3, Enums.Interpretation.Rgb16)]
    [InlineData(1, Enums.Interpretation.Grey16)]
    public async Task Sixteen_bits_without_a_profile_keep_their_brightness(int bands, Enums.Interpretation interpretation)
    {
        using var black = Image.Black(100, 100, bands: bands);
        using var gray = (black + 0x8080).Cast(Enums.BandFormat.Ushort);
        using var deep = gray.Copy(interpretation: interpretation);

        var converted = await ConvertAsync(deep.PngsaveBuffer(), To(VariantFormat.Png, 64));

        Assert.All(Pixel(converted, 10, 10), value => Assert.InRange(value, 127, 129));
    }

    [Fact]
    public async Task Cmyk_with_a_profile_becomes_srgb()
    {
        using var plain = Solid(100, 100, 130, 120, 110);
        using var cmyk = plain.IccTransform("cmyk");
        var original = cmyk.JpegsaveBuffer(q: 100);
        using (var stored = Image.NewFromBuffer(original))
            Assert.Equal(Enums.Interpretation.Cmyk, stored.Interpretation);

        Near([130, 120, 110], Pixel(await ConvertAsync(original, To(VariantFormat.Png, 64)), 10, 10), 6);
    }

    [Fact]
    public async Task Cmyk_without_a_profile_becomes_srgb()
    {
        using var plain = Solid(100, 100, 0, 255, 255, 0);
        using var cmyk = plain.Copy(interpretation: Enums.Interpretation.Cmyk);

        var color = Pixel(await ConvertAsync(cmyk.JpegsaveBuffer(q: 100), To(VariantFormat.Webp, 64)), 10, 10);

        Near([237, 28, 36], color, 30);
    }

    [Fact]
    public async Task A_profile_for_other_colors_is_ignored()
    {
        using var wide = Image.NewFromBuffer(WideGamut(".png"));
        using var gray = Solid(100, 100, 128);
        using var wrong = gray.Mutate(image => image.Set(GValue.BlobType, "icc-profile-data", (byte[])wide.Get("icc-profile-data")));

        Near([128], Pixel(await ConvertAsync(wrong.WebpsaveBuffer(lossless: true), To(VariantFormat.Png, 64)), 10, 10), 1);
        Near([128], Pixel(await ConvertAsync(wrong.JpegsaveBuffer(), To(VariantFormat.Png, 64)), 10, 10), 1);
    }

    [Fact]
    public async Task A_damaged_profile_does_not_keep_an_image_from_being_converted()
    {
        var profile = new byte[200];
        "acsp"u8.CopyTo(profile.AsSpan(36));
        "RGB "u8.CopyTo(profile.AsSpan(16));
        using var plain = Solid(100, 100, 10, 200, 30);
        using var marked = plain.Mutate(image => image.Set(GValue.BlobType, "icc-profile-data", profile));

        Near([10, 200, 30], Pixel(await ConvertAsync(marked.JpegsaveBuffer(q: 100), To(VariantFormat.Png, 64)), 10, 10), 3);
    }

    [Theory]
    [InlineData("ff8000", 255, 128, 0)]
    [InlineData("000000", 0, 0, 0)]
    [InlineData("FFFFFF", 255, 255, 255)]
    public async Task Transparent_pixels_show_the_background_in_a_jpeg(string background, double red, double green, double blue)
    {
        using var color = Solid(100, 100, 0, 0, 255, 0);
        using var gray = Solid(100, 100, 0, 0);

        foreach (var original in new[] { color.PngsaveBuffer(), gray.PngsaveBuffer(), color.WebpsaveBuffer(lossless: true) })
        {
            var converted = await ConvertAsync(original, To(VariantFormat.Jpeg, 64) with { Background = background });
            Near([red, green, blue], Pixel(converted, 10, 10), 3);
        }
    }

    [Theory]
    [InlineData(VariantFormat.Png)]
    [InlineData(VariantFormat.Webp)]
    [InlineData(VariantFormat.Avif)]
    public async Task Transparency_survives_elsewhere(VariantFormat format)
    {
        using var half = Solid(100, 100, 200, 100, 50, 128);

        var converted = await ConvertAsync(half.PngsaveBuffer(), To(format, 64));

        using var image = Image.NewFromBuffer(converted.Bytes);
        Near([200, 100, 50, 128], image.Getpoint(10, 10), 6);
    }

    [Theory]
    [InlineData(VariantFormat.Png)]
    [InlineData(VariantFormat.Webp)]
    [InlineData(VariantFormat.Avif)]
    [InlineData(VariantFormat.Jpeg)]
    public async Task Gray_stays_gray(VariantFormat format)
    {
        using var gray = Solid(100, 100, 90);

        Assert.All(Pixel(await ConvertAsync(gray.PngsaveBuffer(), To(format, 64)), 10, 10), value => Assert.InRange(value, 88, 92));
    }

    [Fact]
    public async Task Pixels_are_srgb_with_alpha_that_is_not_multiplied()
    {
        using var converter = Converter();
        using var half = Solid(200, 100, 200, 100, 50, 128);

        var wide = await converter.PixelsAsync(WideGamut(".png"), 100, TestContext.Current.CancellationToken);
        var map = await converter.PixelsAsync(half.PngsaveBuffer(), 100, TestContext.Current.CancellationToken);
        var turned = await converter.PixelsAsync(Turned(".jpg", 80, 40, 6), 100, TestContext.Current.CancellationToken);
        var first = await converter.PixelsAsync(Animation(".gif", 64, 48), 100, TestContext.Current.CancellationToken);

        Near([255, 0, 0, 255], [.. wide.Rgba[..4].Select(value => (double)value)], 2);
        Assert.Equal((100, 50, 100 * 50 * 4), (map.Width, map.Height, map.Rgba.Length));
        Near([200, 100, 50, 128], [.. map.Rgba[..4].Select(value => (double)value)], 2);
        Assert.Equal((40, 80), (turned.Width, turned.Height));
        Assert.Equal((64, 48), (first.Width, first.Height));
    }

    private static byte[] WideGamut(string extension)
    {
        using var plain = Solid(100, 100, Red);
        using var wide = plain.IccTransform("p3");
        return extension switch
        {
            ".jpg" => wide.JpegsaveBuffer(q: 100, subsampleMode: Enums.ForeignSubsample.Off),
            ".webp" => wide.WebpsaveBuffer(lossless: true),
            _ => wide.WriteToBuffer(extension),
        };
    }
}
